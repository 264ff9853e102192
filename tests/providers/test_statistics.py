"""Statistics: what each record counts, what the averages are of, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storeroom import Storeroom
from storeroom.errors import NotFound, ValueRefused
from storeroom_providers import ProviderRepository, ProviderStats


def test_the_first_search_begins_the_statistics(providers: ProviderRepository) -> None:
    found = providers.record_search("jimaku", success=True, response_ms=120)
    assert found == ProviderStats(
        provider="jimaku",
        searches=1,
        search_failures=0,
        timed_searches=1,
        average_response_ms=120.0,
        last_response_ms=120.0,
        successful_downloads=0,
        failed_downloads=0,
        scored_downloads=0,
        average_score=None,
        consecutive_failures=0,
        last_success_at=found.updated_at,
        last_failure_at=None,
        disabled=False,
        disabled_until=None,
        updated_at=found.updated_at,
    )
    assert abs(found.updated_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.updated_at.tzinfo is not None
    assert providers.get("jimaku") == found


def test_a_failed_search_makes_a_row_longer_and_a_success_ends_it(providers: ProviderRepository) -> None:
    first = providers.record_search("a", success=False)
    assert (first.searches, first.search_failures, first.consecutive_failures) == (1, 1, 1)
    assert (first.last_failure_at, first.last_success_at) == (first.updated_at, None)
    second = providers.record_search("a", success=False)
    assert (second.searches, second.search_failures, second.consecutive_failures) == (2, 2, 2)
    third = providers.record_search("a", success=True)
    assert (third.searches, third.search_failures, third.consecutive_failures) == (3, 2, 0)
    assert (third.last_failure_at, third.last_success_at) == (second.last_failure_at, third.updated_at)
    assert (third.successful_downloads, third.failed_downloads) == (0, 0)


def test_only_searches_that_had_a_time_are_in_the_average(providers: ProviderRepository) -> None:
    for response_ms in (None, 100, None, 200.5, None):
        found = providers.record_search("a", success=True, response_ms=response_ms)
    assert (found.searches, found.timed_searches) == (5, 2)
    assert (found.average_response_ms, found.last_response_ms) == (150.25, 200.5)


def test_a_failed_search_has_a_time_too_and_zero_is_one(providers: ProviderRepository) -> None:
    providers.record_search("a", success=False, response_ms=30)
    found = providers.record_search("a", success=True, response_ms=0)
    assert (found.timed_searches, found.average_response_ms, found.last_response_ms) == (2, 15.0, 0.0)


def test_a_download_is_counted_by_itself(providers: ProviderRepository) -> None:
    providers.record_search("a", success=False)
    for score in (200, None, 101):
        found = providers.record_download("a", score=score)
    assert (found.successful_downloads, found.scored_downloads, found.average_score) == (3, 2, 150.5)
    assert (found.searches, found.search_failures, found.failed_downloads) == (1, 1, 0)
    assert (found.consecutive_failures, found.last_success_at) == (0, found.updated_at)


def test_a_failed_download_is_a_failure_and_no_search(providers: ProviderRepository) -> None:
    providers.record_download("a", score=7)
    found = providers.record_failed_download("a")
    assert (found.successful_downloads, found.failed_downloads, found.average_score) == (1, 1, 7.0)
    assert (found.searches, found.search_failures) == (0, 0)
    assert (found.consecutive_failures, found.last_failure_at) == (1, found.updated_at)
    assert providers.record_search("a", success=False).consecutive_failures == 2


def test_statistics_begin_with_whatever_is_first(providers: ProviderRepository) -> None:
    assert providers.record_download("a", score=9).average_score == 9.0
    assert providers.record_failed_download("b").failed_downloads == 1
    assert [each.provider for each in providers.all()] == ["a", "b"]


def test_rates_are_of_what_there_was(providers: ProviderRepository) -> None:
    for success in (True, True, True, False):
        providers.record_search("a", success=success)
    for _ in range(3):
        providers.record_failed_download("a")
    found = providers.record_download("a")
    assert (found.search_success_rate, found.download_success_rate) == (0.75, 0.25)
    providers.disable("b")
    nothing = providers.get("b")
    assert (nothing.search_success_rate, nothing.download_success_rate) == (None, None)


def test_statistics_that_arent_there(providers: ProviderRepository) -> None:
    assert providers.all() == ()
    assert providers.get_or_none("a") is None
    with pytest.raises(NotFound, match="'a'") as missing:
        providers.get("a")
    assert (missing.value.repository, missing.value.key) == ("providers", "a")
    assert providers.clear("a") is False


def test_clearing_begins_anew(providers: ProviderRepository) -> None:
    providers.record_search("a", success=True, response_ms=5)
    other = providers.record_search("b", success=True)
    assert providers.clear("a") is True
    assert providers.all() == (other,)
    assert providers.record_search("a", success=False, response_ms=7).average_response_ms == 7.0


MEASURES = st.lists(
    st.none() | st.floats(0, 1e9, allow_nan=False) | st.integers(0, 10**6) | st.sampled_from([0.1, 1e-9, 1e9]),
    max_size=12,
)


def is_the_mean(average: float | None, values: list[float]) -> bool:
    if average is None or not values:
        return average is None and not values
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    return abs(Fraction(average) - exact) <= Fraction(1, 10**9) * max(Fraction(1), exact)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=MEASURES, scores=MEASURES)
def test_averages_are_those_of_exact_fractions(
    room: Storeroom, times: list[float | None], scores: list[float | None]
) -> None:
    with room.write() as uow:
        providers = uow[ProviderRepository]
        providers.clear("a")
        providers.record_failed_download("a")
        for place, each in enumerate(times):
            providers.record_search("a", success=place % 3 > 0, response_ms=each)
        for each in scores:
            providers.record_download("a", score=each)
        found = providers.get("a")
    timed = [each for each in times if each is not None]
    scored = [each for each in scores if each is not None]
    assert (found.searches, found.timed_searches) == (len(times), len(timed))
    assert (found.successful_downloads, found.scored_downloads) == (len(scores), len(scored))
    assert is_the_mean(found.average_response_ms, timed)
    assert is_the_mean(found.average_score, scored)
    assert found.last_response_ms == (timed[-1] if timed else None)


NAN = float("nan")
BAD: list[tuple[str, object, Callable[[ProviderRepository], object]]] = [
    ("provider", "", lambda each: each.record_search("", success=True)),
    ("provider", None, lambda each: each.record_search(None, success=True)),  # type: ignore[arg-type]  # refused
    ("provider", "a\0", lambda each: each.record_search("a\0", success=True)),
    ("provider", "x" * 201, lambda each: each.record_search("x" * 201, success=True)),
    ("response_ms", -0.001, lambda each: each.record_search("a", success=True, response_ms=-0.001)),
    ("response_ms", float("inf"), lambda each: each.record_search("a", success=True, response_ms=float("inf"))),
    ("response_ms", NAN, lambda each: each.record_search("a", success=True, response_ms=NAN)),
    ("response_ms", 10**400, lambda each: each.record_search("a", success=True, response_ms=10**400)),
    ("response_ms", True, lambda each: each.record_search("a", success=True, response_ms=True)),
    (
        "response_ms",
        "5",
        lambda each: each.record_search("a", success=True, response_ms="5"),  # type: ignore[arg-type]  # refused
    ),
    ("provider", "", lambda each: each.record_download("", score=1)),
    ("score", -1, lambda each: each.record_download("a", score=-1)),
    ("score", NAN, lambda each: each.record_download("a", score=NAN)),
    ("score", float("-inf"), lambda each: each.record_download("a", score=float("-inf"))),
    (
        "score",
        Decimal(5),
        lambda each: each.record_download("a", score=Decimal(5)),  # type: ignore[arg-type]  # refused
    ),
    ("provider", "", lambda each: each.record_failed_download("")),
    ("provider", "\ud800", lambda each: each.record_failed_download("\ud800")),
]


@pytest.mark.parametrize(("field", "value", "record"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value_and_counts_nothing(
    providers: ProviderRepository, field: str, value: object, record: Callable[[ProviderRepository], object]
) -> None:
    before = providers.record_search("a", success=True, response_ms=1)
    with pytest.raises(ValueRefused) as refusal:
        record(providers)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert str(refusal.value).startswith(f"{field}: ")
    assert providers.all() == (before,)
