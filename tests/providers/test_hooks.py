"""Hooks: what is pruned, what health says, and what the plugin `wanted` is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storeroom import Finding, Retention, Storeroom
from storeroom_providers import ProviderRepository, plugin
from storeroom_providers.history import MOST
from tests.providers.helpers import HOUR, end_cooldown, expire, fail, log_ago, run
from tests.support.plugins import PluginMaker

FILE = "/media/Show/S01E01.mkv"
DAY = timedelta(days=1)


def retention(name: str) -> Retention:
    return {each.name: each for each in plugin.storeroom_prune()}[name]


def test_expired_results_go_at_once_and_downloads_after_ten_years(room: Storeroom) -> None:
    assert retention("providers.cache").age == timedelta(0)
    assert retention("providers.downloads").age == timedelta(days=3650)
    assert len(plugin.storeroom_prune()) == 2


def test_a_retention_counts_what_it_prunes_the_oldest_first(room: Storeroom) -> None:
    with room.write() as uow:
        providers = uow[ProviderRepository]
        for number in range(5):
            providers.cache.put(str(number), "q", [], ttl=HOUR)
            log_ago(providers, str(number), FILE, (number + 1) * DAY)
        for number in range(4):
            expire(providers, str(number), (number + 1) * DAY)
    before = datetime.now(UTC) - 1.5 * DAY
    kept: dict[str, Callable[[ProviderRepository], object]] = {
        "providers.cache": lambda each: list(each.cache.statistics().by_provider),
        "providers.downloads": lambda each: [one.provider for one in each.downloads.list()],
    }
    left = {"providers.cache": ["0", "1", "4"], "providers.downloads": ["0", "1", "2"]}
    for name, remaining in kept.items():
        with room.read() as uow:
            count = retention(name).count(uow, before)
        with room.write() as uow:
            assert retention(name).prune(uow, before, 2) == 2
            assert remaining(uow[ProviderRepository]) == left[name]
            assert retention(name).prune(uow, before, 1000) == count - 2
        assert count == {"providers.cache": 3, "providers.downloads": 4}[name]
        with room.read() as uow:
            assert retention(name).count(uow, before) == 0
    assert run(room, lambda each: each.cache.statistics().total) == 2


def findings(room: Storeroom) -> list[Finding]:
    return list(room.health().results["providers"])


def test_health_has_nothing_to_say_of_ordinary_providers(room: Storeroom) -> None:
    def use(providers: ProviderRepository) -> None:
        fail(providers, "few", 4)
        for number in range(20):
            providers.record_search("half", success=number % 2 > 0)
        for _ in range(19):
            providers.record_search("a", success=False)
            providers.record_search("a", success=True)

    run(room, use)
    assert findings(room) == []


def test_health_names_who_is_disabled_and_until_when(room: Storeroom) -> None:
    def use(providers: ProviderRepository) -> None:
        fail(providers, "a", 7)
        providers.disable_if_failing("a", threshold=7, cooldown=HOUR)
        providers.disable("b")
        providers.disable("over", cooldown=HOUR)
        end_cooldown(providers, "over")

    run(room, use)
    until = run(room, lambda each: each.get("a")).disabled_until
    assert findings(room) == [
        Finding(
            f"provider 'a' is disabled until {until:%Y-%m-%d %H:%M} UTC, with 7 failures in a row",
            "see why it fails, then wait, or enable it: uow[ProviderRepository].enable('a')",
        ),
        Finding(
            "provider 'b' is disabled until somebody enables it",
            "see why it fails, then enable it: uow[ProviderRepository].enable('b')",
        ),
    ]


def test_health_names_who_fails_often(room: Storeroom) -> None:
    def use(providers: ProviderRepository) -> None:
        fail(providers, "row", 5)
        for number in range(21):
            providers.record_search("often", success=number % 2 > 0)
        for _ in range(11):
            providers.record_failed_download("often")
        for _ in range(10):
            providers.record_download("often")

    run(room, use)
    said = [each.problem.partition(", the last one at ")[0] for each in findings(room)]
    assert said == [
        "provider 'often' failed in 11 of 21 searches and in 11 of 21 downloads",
        "provider 'row' failed 5 times in a row",
    ]


def test_health_is_bounded_and_one_statement(room: Storeroom) -> None:
    with room.write() as uow:
        for number in range(13):
            uow[ProviderRepository].disable(f"{number:02}")
    said = [each.problem for each in findings(room)]
    assert len(said) == 11
    assert said[-1] == "and 3 more providers are disabled"
    with room.read() as uow:
        plugin.storeroom_health(uow)
        assert uow.statements == 1


SPECIFICATION = '''
from storeroom import hookspec


@hookspec
def wanted_history(uow, file_path):
    """Tell what happened to a file."""
'''


@pytest.fixture
def wanted_room(make_plugin: PluginMaker, site: Path, url: str) -> Any:
    """A room with a plugin `wanted` that asks for the history of files."""
    made = make_plugin("wanted", manifest_code="hookspecs=history,", plugin_code="from sr_wanted import history\n")
    (made / "history.py").write_text(SPECIFICATION)
    with Storeroom.open(url, allow=["wanted", "providers"], upgrade=True, strict=True) as room:
        yield room


def test_the_history_of_a_file_is_its_downloads_newest_first(wanted_room: Storeroom) -> None:
    with wanted_room.write() as uow:
        downloads = uow[ProviderRepository].downloads
        log_ago(uow[ProviderRepository], "old", FILE, DAY)
        made = downloads.log("jimaku", file_path=FILE, format="ass", score=248)
        half = downloads.log("jimaku", file_path=FILE, format="srt", score=1234567.25)
        downloads.log("jimaku", file_path="/media/other.mkv", format="ass")
    with wanted_room.read() as uow:
        told = uow.call("wanted_history", file_path=FILE)
    assert told.errors == []
    (events,) = told.results.values()
    assert events[:2] == [
        {"at": half.downloaded_at, "event": "downloaded", "detail": "srt from jimaku, score 1234567.25"},
        {"at": made.downloaded_at, "event": "downloaded", "detail": "ass from jimaku, score 248"},
    ]
    assert [each["detail"] for each in events[2:]] == ["subtitle from old"]


def test_the_history_of_a_file_is_bounded(wanted_room: Storeroom) -> None:
    with wanted_room.write() as uow:
        uow[ProviderRepository].downloads.add_many(
            {"provider": str(number), "file_path": FILE} for number in range(MOST + 5)
        )
    with wanted_room.read() as uow:
        before = uow.statements
        (events,) = uow.call("wanted_history", file_path=FILE).results.values()
        assert uow.statements - before == 1
    assert len(events) == MOST
