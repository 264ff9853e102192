"""What a finished scan removes, and what it leaves alone, also when others write at the same time."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import ValueRefused
from storeroom.sql import Outcome
from storeroom.testing import requires
from storeroom_wanted import WantedRecord, WantedRepository
from tests.wanted.helpers import DAY, NEW_YEAR, item, key, move, put, run

Seen = list[tuple[str, str | None, str]]
BEGAN = NEW_YEAR + DAY


def old(wanted: WantedRepository, path: str, language: str | None = "de", **fields: Any) -> WantedRecord:
    """An item that was there before the scan began."""
    record = put(wanted, path, language, **fields)
    move(wanted, record, added_at=NEW_YEAR, updated_at=NEW_YEAR)
    return wanted.get(record.id)


def test_what_the_scan_saw_stays_and_the_rest_goes(wanted: WantedRepository) -> None:
    for path, language, kind in [
        ("/a", "de", "full"),
        ("/a", None, "full"),
        ("/a", "de", "forced"),
        ("/gone", "de", "full"),
    ]:
        old(wanted, path, language, subtitle_type=kind)
    seen: Seen = [("/a", "de", "full"), ("/a", "", "full"), ("/new", "de", "full")]
    assert wanted.remove_unseen(iter(seen), before=BEGAN) == 2
    assert {each.key for each in wanted.stream_keys()} == {key("/a"), key("/a", None)}
    assert wanted.remove_unseen(seen, before=BEGAN) == 0


def test_a_scan_that_saw_nothing_removes_everything(wanted: WantedRepository) -> None:
    for path in ("/a", "/b"):
        old(wanted, path)
    assert wanted.remove_unseen([], before=BEGAN) == 2


def test_what_was_added_or_changed_since_the_scan_began_stays(wanted: WantedRepository) -> None:
    put(wanted, "/added")
    for path in ("/upserted", "/searched", "/found", "/edited", "/gone"):
        old(wanted, path)
    by_path = {record.file_path: record.id for record in wanted.list()}
    put(wanted, "/upserted", title="New")
    wanted.mark_searched(by_path["/searched"])
    wanted.set_status(by_path["/found"], "found")
    wanted.update(by_path["/edited"], current_score=1)
    assert wanted.remove_unseen([], before=BEGAN) == 1
    assert wanted.paths() == by_path.keys() - {"/gone"}


def test_what_another_scan_found_as_it_is_leaves_no_trace_and_goes(wanted: WantedRepository) -> None:
    """Why the documentation lets one program at a time scan the same media."""
    old(wanted, "/a")
    assert wanted.upsert(**item("/a")).outcome is Outcome.UNCHANGED
    assert wanted.remove_unseen([], before=BEGAN) == 1


def test_ignored_items_stay_unless_told_otherwise(wanted: WantedRepository) -> None:
    record = old(wanted, "/a")
    wanted.set_status(record.id, "ignored")
    move(wanted, record, updated_at=NEW_YEAR)
    assert wanted.remove_unseen([], before=BEGAN) == 0
    assert wanted.remove_unseen([], before=BEGAN, ignored=True) == 1


SCOPES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"item_type": "episode"}, {"/m"}),
    ({"item_type": "movie"}, {"/e", "/e b", "/e c"}),
    ({"instance_name": "b"}, {"/e", "/e c", "/m"}),
    ({"instance_name": None}, {"/e b", "/e c"}),
    ({"item_type": "episode", "instance_name": None}, {"/e b", "/e c", "/m"}),
]


@pytest.mark.parametrize(("scope", "expected"), SCOPES)
def test_a_scan_removes_only_what_it_looked_at(
    wanted: WantedRepository, scope: dict[str, Any], expected: set[str]
) -> None:
    old(wanted, "/e")
    old(wanted, "/e b", instance_name="b")
    old(wanted, "/e c", instance_name="c")
    old(wanted, "/m", item_type="movie")
    assert wanted.remove_unseen([], before=BEGAN, **scope) == 4 - len(expected)
    assert wanted.paths() == expected


def test_a_scan_begins_at_the_databases_time(room: Storeroom) -> None:
    before = run(room, lambda wanted: put(wanted, "/before")).added_at
    began = run(room, WantedRepository.now)
    assert before <= began <= run(room, lambda wanted: put(wanted, "/after")).added_at
    assert abs(began - datetime.now(UTC)) < timedelta(minutes=1)


BAD: list[Any] = [
    "/a",
    ("/a", "de"),
    ("/a", "de", "Full"),
    ("/a", 7, "full"),
    ("", "de", "full"),
    (None, "de", "full"),
    ["/a", "de", "full"],
    (1, ("/a", "de", "full")),
    ("de", "full", "/a"),
    ("/a", "de", ["full"]),
]


@pytest.mark.parametrize("value", BAD)
def test_what_isnt_a_key_is_refused_before_anything_is_deleted(wanted: WantedRepository, value: Any) -> None:
    old(wanted, "/a")
    with pytest.raises(ValueRefused) as refusal:
        wanted.remove_unseen([("/b", None, "full"), value], before=BEGAN)
    assert (refusal.value.field, refusal.value.value, refusal.value.position) == ("seen", value, 1)
    assert wanted.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("before", BEGAN.replace(tzinfo=None)), ("item_type", "series"), ("instance_name", 7)]
)
def test_a_scope_that_means_nothing_is_refused(wanted: WantedRepository, field: str, value: Any) -> None:
    old(wanted, "/a")
    with pytest.raises(ValueRefused) as refusal:
        wanted.remove_unseen([], **({"before": BEGAN} | {field: value}))
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert wanted.count() == 1


def test_many_go_in_batches(room: Storeroom) -> None:
    run(room, lambda wanted: wanted.upsert_many(item(f"/{number}") for number in range(2600)))
    began = run(room, WantedRepository.now) + timedelta(milliseconds=1)
    seen = {(f"/{number}", "de", "full") for number in range(500)}
    with room.write() as uow:
        before = uow.statements
        assert uow[WantedRepository].remove_unseen(seen, before=began) == 2100
        assert uow.statements - before == 1 + 3
        assert {each.key for each in uow[WantedRepository].stream_keys()} == seen


def waits(room: Storeroom) -> bool:
    """Whether a transaction waits for another's lock; SQLite doesn't tell."""
    with room.read() as uow:
        if not requires.row_locks.met_by(uow):
            return True
        return bool(uow.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


def upserted_anew(wanted: WantedRepository) -> None:
    assert wanted.upsert(**item("/b", title="New")).outcome is Outcome.UPDATED


def ignored(wanted: WantedRepository) -> None:
    (record,) = wanted.list(file_path="/b")
    wanted.set_status(record.id, "ignored")


@pytest.mark.parametrize("change", [upserted_anew, ignored])
def test_what_another_transaction_is_changing_stays(
    room: Storeroom, change: Callable[[WantedRepository], None]
) -> None:
    run(room, lambda wanted: [old(wanted, path) for path in ("/a", "/b", "/c")])
    with ThreadPoolExecutor(1) as other:
        with room.write() as uow:
            change(uow[WantedRepository])
            removing = other.submit(run, room, lambda wanted: wanted.remove_unseen([], before=BEGAN))
            until = time.monotonic() + 30
            while not waits(room):
                assert time.monotonic() < until
                assert not removing.done()
        assert removing.result(30) == 2
    assert run(room, WantedRepository.paths) == {"/b"}


def test_keys_are_read_once_and_as_they_come(wanted: WantedRepository) -> None:
    read: list[str] = []

    def seeing() -> Iterator[tuple[str, str | None, str]]:
        for path in ("/a", "/b"):
            read.append(path)
            yield path, None, "full"

    old(wanted, "/b", None)
    assert wanted.remove_unseen(seeing(), before=BEGAN) == 0
    assert read == ["/a", "/b"]
