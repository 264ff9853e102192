"""Real processes: no search, download or average is lost, a query has one entry, and one process disables."""

from fractions import Fraction
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.testing import run_together
from storeroom_providers import ProviderRepository
from tests.providers import workers
from tests.providers.helpers import cache_versions, fail, run

PROCESSES, EACH = 4, 500
ALL = PROCESSES * EACH
PROVIDERS = 25

pytestmark = pytest.mark.dear


def is_the_mean(average: float | None, values: list[float | None]) -> bool:
    known = [Fraction(each) for each in values if each is not None]
    exact = sum(known, Fraction(0)) / len(known)
    return average is not None and abs(Fraction(average) - exact) <= Fraction(1, 10**9)


def test_2000_searches_and_downloads_of_four_processes_are_counted_and_averaged(
    room: Storeroom, providers_url: str
) -> None:
    assert run_together(PROCESSES, workers.record, providers_url, EACH) == [0] * PROCESSES
    found = run(room, lambda providers: providers.get("a"))
    assert (found.searches, found.search_failures) == (ALL, ALL // 4)
    assert (found.successful_downloads, found.failed_downloads) == (ALL * 3 // 4, ALL // 4)
    times = [workers.measure(number) for number in range(EACH)]
    scores = [workers.measure(number + 1) for number in range(EACH) if number % 4]
    assert found.timed_searches == PROCESSES * sum(each is not None for each in times)
    assert found.scored_downloads == PROCESSES * sum(each is not None for each in scores)
    assert is_the_mean(found.average_response_ms, times)
    assert is_the_mean(found.average_score, scores)


def test_2000_puts_of_four_processes_leave_one_entry_that_is_the_last(room: Storeroom, providers_url: str) -> None:
    assert run_together(PROCESSES, workers.put_same, providers_url, EACH) == [0] * PROCESSES
    with room.read() as uow:
        providers = uow[ProviderRepository]
        assert cache_versions(providers) == [ALL]
        last = providers.cache.get("a", {"q": 1})
    assert last is not None
    assert last[1] == EACH - 1


def test_a_provider_begins_once_whoever_is_the_first(room: Storeroom, providers_url: str) -> None:
    assert run_together(PROCESSES, workers.begin_same, providers_url, PROVIDERS) == [0] * PROCESSES
    every = run(room, ProviderRepository.all)
    assert len(every) == PROVIDERS
    assert {(each.searches, each.search_failures, each.consecutive_failures) for each in every} == {(4, 4, 4)}


def test_a_failing_provider_is_disabled_by_one_process(room: Storeroom, providers_url: str, tmp_path: Path) -> None:
    with room.write() as uow:
        for number in range(PROVIDERS):
            fail(uow[ProviderRepository], str(number), 3 if number % 5 else 2)
    assert run_together(PROCESSES, workers.disable_same, providers_url, PROVIDERS, tmp_path) == [0] * PROCESSES
    did = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    failing = [str(number) for number in range(PROVIDERS) if number % 5]
    assert sorted(did) == sorted(failing)
    assert sorted(each.provider for each in run(room, ProviderRepository.disabled)) == sorted(failing)
