"""Searches: what is due, what a search leaves, and what a person decides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom.errors import FieldUnknown, NotFound, ValueRefused
from storeroom_wanted import WantedRecord, WantedRepository, WantedStatus
from tests.wanted.helpers import DAY, NEW_YEAR, move, put


def due(wanted: WantedRepository) -> list[str]:
    return [record.file_path for record in wanted.due()]


def searched(wanted: WantedRepository, path: str, at: datetime | None, **values: Any) -> WantedRecord:
    """An item that was last searched at a time."""
    record = put(wanted, path)
    move(wanted, record, last_search_at=at, **values)
    return record


def test_what_was_never_searched_is_due_first_then_the_oldest_search(wanted: WantedRepository) -> None:
    searched(wanted, "/new", NEW_YEAR + DAY)
    searched(wanted, "/old", NEW_YEAR)
    searched(wanted, "/never", None)
    searched(wanted, "/never too", None)
    assert due(wanted) == ["/never", "/never too", "/old", "/new"]
    assert [record.file_path for record in wanted.due(limit=1)] == ["/never"]


def test_a_search_puts_an_item_at_the_end(wanted: WantedRepository) -> None:
    first = put(wanted, "/a")
    put(wanted, "/b")
    wanted.mark_searched(first.id)
    assert due(wanted) == ["/b", "/a"]


@pytest.mark.parametrize("status", WantedStatus)
def test_wanted_items_are_due_and_failed_ones_whose_pause_is_over(wanted: WantedRepository, status: str) -> None:
    free = put(wanted, "/free")
    over = put(wanted, "/over")
    coming = put(wanted, "/coming")
    for record in (free, over, coming):
        wanted.set_status(record.id, status)
    wanted.set_retry_after(over.id, datetime.now(UTC) - DAY)
    wanted.set_retry_after(coming.id, datetime.now(UTC) + DAY)
    assert due(wanted) == {"wanted": ["/free", "/over"], "failed": ["/over"]}.get(status, [])


def test_a_pause_is_counted_by_the_databases_clock(wanted: WantedRepository) -> None:
    record = put(wanted)
    paused = wanted.set_retry_after(record.id, timedelta(hours=2))
    assert paused.retry_after is not None
    assert timedelta(hours=1, minutes=59) < paused.retry_after - record.added_at < timedelta(hours=2, minutes=1)
    assert due(wanted) == []
    assert wanted.set_retry_after(record.id, timedelta(0)).retry_after is not None
    assert due(wanted) == ["/a"]
    wanted.set_retry_after(record.id, timedelta(hours=2))
    assert wanted.set_retry_after(record.id, None).retry_after is None
    assert due(wanted) == ["/a"]


def test_a_search_is_counted_with_its_time(wanted: WantedRepository) -> None:
    record = put(wanted)
    once = wanted.mark_searched(record.id)
    assert once.last_search_at is not None
    assert abs(once.last_search_at - datetime.now(UTC)) < timedelta(minutes=1)
    changed = {"search_count": 1, "last_search_at": once.last_search_at, "version": 2, "updated_at": once.updated_at}
    assert once == record.model_copy(update=changed)
    assert wanted.mark_searched(record.id).search_count == 2
    assert wanted.get(record.id).search_count == 2


def test_a_status_is_set_with_its_error_and_without_one_it_has_none(wanted: WantedRepository) -> None:
    record = put(wanted)
    failed = wanted.set_status(record.id, "failed", error="HTTP 429 from provider")
    assert (failed.status, failed.error, failed.version) == (WantedStatus.FAILED, "HTTP 429 from provider", 2)
    found = wanted.set_status(record.id, WantedStatus.FOUND)
    assert (found.status, found.error) == (WantedStatus.FOUND, None)
    assert found == wanted.get(record.id)


def test_any_text_of_an_error_can_be_reported(wanted: WantedRepository) -> None:
    told = wanted.set_status(put(wanted).id, "failed", error="file \udcff and \0")
    assert told.error == "file \\udcff and \\x00"


def test_a_person_ignores_an_item_and_no_longer_does(wanted: WantedRepository) -> None:
    record = put(wanted)
    wanted.set_status(record.id, "ignored")
    wanted.mark_searched(record.id)
    assert put(wanted).status is WantedStatus.IGNORED
    assert due(wanted) == []
    wanted.set_status(record.id, "wanted")
    assert due(wanted) == ["/a"]


def test_each_change_moves_the_time_of_the_last_one(wanted: WantedRepository) -> None:
    record = put(wanted)
    changes: list[Callable[[], WantedRecord]] = [
        lambda: wanted.set_status(record.id, "found"),
        lambda: wanted.mark_searched(record.id),
        lambda: wanted.set_retry_after(record.id, DAY),
        lambda: wanted.set_retry_after(record.id, NEW_YEAR),
        lambda: wanted.update(record.id, existing_sub="srt"),
        lambda: put(wanted, title="New"),
    ]
    for change in changes:
        move(wanted, record, updated_at=NEW_YEAR)
        assert change().updated_at > NEW_YEAR
        assert wanted.get(record.id).added_at == record.added_at


@pytest.mark.parametrize("field", ["status", "search_count", "last_search_at", "error", "file_path", "retry_after"])
def test_what_has_a_verb_of_its_own_isnt_edited(wanted: WantedRepository, field: str) -> None:
    record = put(wanted)
    with pytest.raises(FieldUnknown):
        wanted.update(record.id, **{field: None})
    assert wanted.get(record.id) == record


def test_an_item_that_isnt_there_isnt_found(wanted: WantedRepository) -> None:
    put(wanted)
    verbs: list[Callable[[], object]] = [
        lambda: wanted.set_status(0, "found"),
        lambda: wanted.mark_searched(0),
        lambda: wanted.set_retry_after(0, DAY),
        lambda: wanted.set_retry_after(0, None),
        lambda: wanted.get(0),
    ]
    for verb in verbs:
        with pytest.raises(NotFound) as missing:
            verb()
        assert (missing.value.repository, missing.value.key) == ("wanted", 0)


BAD: list[tuple[str, Any, Callable[[WantedRepository, int], object]]] = [
    ("status", "done", lambda wanted, key: wanted.set_status(key, "done")),
    ("status", None, lambda wanted, key: wanted.set_status(key, None)),  # type: ignore[arg-type]  # refused
    ("error", 7, lambda wanted, key: wanted.set_status(key, "failed", error=7)),  # type: ignore[arg-type]  # refused
    ("when", timedelta(-1), lambda wanted, key: wanted.set_retry_after(key, timedelta(-1))),
    ("when", timedelta.max, lambda wanted, key: wanted.set_retry_after(key, timedelta.max)),
    (
        "retry_after",
        NEW_YEAR.replace(tzinfo=None),
        lambda wanted, key: wanted.set_retry_after(key, NEW_YEAR.replace(tzinfo=None)),
    ),
    ("retry_after", 60, lambda wanted, key: wanted.set_retry_after(key, 60)),  # type: ignore[arg-type]  # refused
    ("key", "1", lambda wanted, key: wanted.mark_searched("1")),  # type: ignore[arg-type]  # refused
    ("limit", 0, lambda wanted, key: wanted.due(limit=0)),
    ("limit", True, lambda wanted, key: wanted.due(limit=True)),
    ("missing_languages", "de", lambda wanted, key: wanted.update(key, missing_languages="de")),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    wanted: WantedRepository, field: str, value: object, work: Callable[[WantedRepository, int], object]
) -> None:
    record = put(wanted)
    with pytest.raises(ValueRefused) as refusal:
        work(wanted, record.id)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert wanted.get(record.id) == record
