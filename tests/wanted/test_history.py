"""The history of a file: what this plugin knows, and what others that were made on the spot tell, well or badly."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import ModuleType
from typing import Any

import pytest

import storeroom_wanted.plugin
from storeroom import Manifest, Storeroom, hookimpl
from storeroom.errors import NotFound, ValueRefused
from storeroom_wanted import HistoryEvent, WantedRepository
from tests.wanted.helpers import DAY, NEW_YEAR, move, put

Tell = Callable[[Any, str], Any]


def telling(name: str, tell: Tell) -> ModuleType:
    """A plugin without tables that tells the history of files."""
    module = ModuleType(f"{name}_plugin")

    @hookimpl
    def storeroom_manifest() -> Manifest:
        return Manifest()

    @hookimpl(optionalhook=True)
    def wanted_history(uow: Any, file_path: str) -> Any:
        return tell(uow, file_path)

    vars(module).update(storeroom_manifest=storeroom_manifest, wanted_history=wanted_history)
    return module


@pytest.fixture
def with_plugins(room: Storeroom, wanted_url: str) -> Callable[..., Storeroom]:
    """Open the same database with other plugins beside this one; they are named in the order of their calls."""

    def start(**tellers: Tell) -> Storeroom:
        plugins = {"wanted": storeroom_wanted.plugin} | {name: telling(name, tell) for name, tell in tellers.items()}
        return Storeroom.open(wanted_url, plugins=plugins, discover=False)

    return start


def event(days: int, name: str = "x", detail: str = "") -> dict[str, Any]:
    return {"at": NEW_YEAR + days * DAY, "event": name, "detail": detail}


def test_this_plugin_knows_when_items_were_added_and_last_searched(wanted: WantedRepository) -> None:
    first, second = put(wanted, "/a", "de"), put(wanted, "/a", None, subtitle_type="forced")
    put(wanted, "/b")
    wanted.mark_searched(first.id)
    wanted.mark_searched(first.id)
    move(wanted, first, added_at=NEW_YEAR, last_search_at=NEW_YEAR + 2 * DAY)
    move(wanted, second, added_at=NEW_YEAR + DAY)
    history = wanted.history("/a")
    assert history.failed == {}
    assert history.events == (
        HistoryEvent(at=NEW_YEAR + 2 * DAY, plugin="wanted", event="searched", detail="de, full: search 2"),
        HistoryEvent(at=NEW_YEAR + DAY, plugin="wanted", event="added", detail="no language, forced"),
        HistoryEvent(at=NEW_YEAR, plugin="wanted", event="added", detail="de, full"),
    )


def test_all_plugins_events_are_told_newest_first(with_plugins: Callable[..., Storeroom]) -> None:
    asked: list[str] = []

    def downloads(uow: Any, file_path: str) -> Iterator[Mapping[str, Any]]:
        asked.append(file_path)
        yield event(3, "downloaded", "score 300")
        yield {"at": datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "event": "tried", "detail": ""}

    with with_plugins(providers=downloads, jobs=lambda uow, path: (event(2, "translated"),)) as room:
        with room.write() as uow:
            move(uow[WantedRepository], put(uow[WantedRepository], "/a"), added_at=NEW_YEAR + DAY)
        with room.read() as uow:
            history = uow[WantedRepository].history("/a")
    assert asked == ["/a"]
    assert [(each.plugin, each.event) for each in history.events] == [
        ("providers", "downloaded"),
        ("jobs", "translated"),
        ("wanted", "added"),
        ("providers", "tried"),
    ]
    assert history.events[0].detail == "score 300"
    assert history.events[-1].at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert {each.at.tzinfo for each in history.events} == {UTC}


def test_a_file_without_items_may_have_a_history(with_plugins: Callable[..., Storeroom]) -> None:
    with with_plugins(jobs=lambda uow, path: [event(1)], other=lambda uow, path: None) as room, room.read() as uow:
        history = uow[WantedRepository].history("/unknown")
    assert [each.plugin for each in history.events] == ["jobs"]
    assert history.failed == {}


def raising(uow: Any, path: str) -> Any:
    raise NotFound("nothing of this file", repository="jobs", key=path)


def failing_in_the_database(uow: Any, path: str) -> Any:
    uow[WantedRepository].update(uow[WantedRepository].list()[0].id, missing_languages=None)


def raising_after_a_write(uow: Any, path: str) -> Any:
    put(uow[WantedRepository], "/written")
    raise OSError("no network")


WRONG: dict[str, tuple[Tell, str]] = {
    "raises": (raising, "nothing of this file"),
    "raises at an event": (lambda uow, path: (1 / 0 for _ in range(2)), "ZeroDivisionError"),
    "fails in the database": (failing_in_the_database, "NullRefused"),
    "raises after a write": (raising_after_a_write, "no network"),
    "returns a mapping": (lambda uow, path: event(1), "not a list"),
    "returns text": (lambda uow, path: "translated", "not a list"),
    "returns a number among events": (lambda uow, path: [event(1), 7], "event 1, which isn't a mapping"),
    "leaves the time out": (lambda uow, path: [{"event": "x", "detail": ""}], "'at' is wrong"),
    "gives a naive time": (lambda uow, path: [event(1) | {"at": datetime(2026, 1, 1)}], "'at' is wrong"),
    "gives a time as text": (lambda uow, path: [event(1) | {"at": "2026-01-01T00:00:00Z"}], "'at' is wrong"),
    "gives a number as the event": (lambda uow, path: [event(1) | {"event": 7}], "'event' is wrong"),
    "gives no detail": (lambda uow, path: [event(1) | {"detail": None}], "'detail' is wrong"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_plugin_that_fails_is_named_and_leaves_the_others_events(
    with_plugins: Callable[..., Storeroom], what: str
) -> None:
    tell, cause = WRONG[what]
    with with_plugins(bad=tell, good=lambda uow, path: [event(1)]) as room, room.write() as uow:
        wanted = uow[WantedRepository]
        move(wanted, put(wanted, "/a"), added_at=NEW_YEAR)
        history = wanted.history("/a")
        assert [each.plugin for each in history.events] == ["good", "wanted"]
        assert list(history.failed) == ["bad"]
        assert "'wanted_history'" in history.failed["bad"]
        assert cause in history.failed["bad"]
        assert wanted.paths() == {"/a"}


def test_a_history_is_of_a_path(wanted: WantedRepository) -> None:
    for path in ("", "a\0"):
        with pytest.raises(ValueRefused) as refusal:
            wanted.history(path)
        assert (refusal.value.field, refusal.value.value) == ("file_path", path)
