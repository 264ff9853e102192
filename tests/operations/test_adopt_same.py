"""Rows that are the same become one, keys that are taken are replaced, and relations follow either."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storeroom import Storeroom
from tests.operations.library import adopt, authors, books, counts, days, loans, put, rows, told
from tests.operations.old import book, write_old, writer
from tests.operations.shelf import plugin
from tests.operations.shelf.models import State

LATE, EARLY = "2026-03-01T00:00:00", "2025-01-01T00:00:00"


def test_of_rows_that_are_the_same_the_preferred_one_stays(room: Storeroom, file: Path) -> None:
    same = {"title": "Same"}
    write_old(
        file,
        writers=[writer(1)],
        books=[
            book(1, **same, language=None, updated=EARLY),
            book(2, **same, language="", updated=LATE),
            book(3, **same, language="", updated=EARLY, state="ignored"),
            book(4, **same, language="", updated=EARLY),
            book(5, **same, language="de"),
        ],
        loans=[{"id": str(number), "book": number, "lent": 1} for number in range(1, 6)],
    )
    report = adopt(room, file)["books"]
    assert [(row.id, row.state) for row in rows(room, books)] == [(3, State.IGNORED), (5, State.OWNED)]
    assert told(report) == [
        ("merged", "1", "it is the same as 2 by title, language, which stays"),
        ("merged", "2", "it is the same as 3 by title, language, which stays"),
        ("merged", "4", "it is the same as 3 by title, language, which stays"),
    ]
    assert [row.book_id for row in rows(room, loans)] == [3, 3, 3, 3, 5]


def test_a_row_that_is_here_takes_the_values_of_a_preferred_one(room: Storeroom, file: Path) -> None:
    put(room, authors, id=50, name="Writer 1", seen_at=datetime(2026, 1, 1, tzinfo=UTC))
    here = put(room, books, author_id=50, title="Book 1", language="en", updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    write_old(file, writers=[writer(1)], books=[book(1, pages=7)], loans=[{"id": "a", "book": 1, "lent": 0}])
    report = adopt(room, file)
    (found,) = rows(room, books)
    assert (found.id, found.author_id, found.pages, found.version) == (here, 50, 7, 2)
    assert found.updated_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert [row.id for row in rows(room, authors)] == [50]
    assert told(report["books"]) == [
        ("merged", "1", f"it is the same as {here} here by title, language, which takes its values")
    ]
    assert rows(room, loans)[0].book_id == here


def test_a_row_that_is_here_and_preferred_stays_as_it_is(room: Storeroom, file: Path) -> None:
    put(room, authors, id=50, name="Writer 1")
    put(room, books, author_id=50, title="Book 1", language="en", state="ignored", pages=3)
    before = rows(room, books)
    write_old(file, writers=[writer(1, seen=EARLY)], books=[book(1, updated=LATE)])
    report = adopt(room, file)
    assert rows(room, books) == before
    assert [cause for _, _, cause in told(report["books"])] == [
        "it is the same as 1 here by title, language, which stays"
    ]
    assert rows(room, authors)[0].seen_at > datetime(2026, 1, 1, tzinfo=UTC)


def test_what_adds_up_is_added_once(room: Storeroom, file: Path) -> None:
    put(room, days, day=date(2026, 2, 3), reads=10, kinds={"a": 1})
    write_old(
        file, days=[{"day": "2026-02-03", "reads": 4, "kinds": '{"a": 2, "b": 3}'}, {"day": "2026-02-04", "reads": 1}]
    )
    for expected in ((1, 1, 0, 0), (0, 0, 2, 0)):
        assert counts(adopt(room, file)["days"]) == expected
        assert rows(room, days) == [(date(2026, 2, 3), 14, {"a": 3, "b": 3}), (date(2026, 2, 4), 1, {})]


def test_a_key_that_is_taken_is_replaced_and_relations_follow(room: Storeroom, file: Path) -> None:
    put(room, authors, id=1, name="Somebody")
    put(room, authors, id=30, name="Somebody else")
    write_old(file, writers=[writer(1), writer(31)], books=[book(1, editor=31)])
    report = adopt(room, file)["writers"]
    assert told(report) == [("moved", "1", "id: 1 isn't free; it is 32 here")]
    assert {row.id: row.name for row in rows(room, authors)} == {
        1: "Somebody",
        30: "Somebody else",
        31: "Writer 31",
        32: "Writer 1",
    }
    (found,) = rows(room, books)
    assert (found.author_id, found.editor_id) == (32, 31)
    assert put(room, authors, name="Next") == 33


def test_a_text_key_that_is_taken_is_replaced(room: Storeroom, file: Path) -> None:
    put(room, loans, id="a", lent=True)
    write_old(file, loans=[{"id": "a", "book": None, "lent": 0}])
    ((fate, key, cause),) = told(adopt(room, file)["loans"])
    assert (fate, key) == ("moved", "a")
    assert sorted(row.lent for row in rows(room, loans)) == [False, True]
    (new,) = (row.id for row in rows(room, loans) if row.id != "a")
    assert cause == f"id: 'a' isn't free; it is {new!r} here"


def test_a_reference_without_a_foreign_key_is_kept_where_nobody_takes_what_it_refers_to(
    room: Storeroom, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_old(file, loans=[{"id": "a", "book": 77, "lent": 0}])
    monkeypatch.setattr(plugin, "BOOKS", plugin.AUTHORS)
    adopt(room, file)
    assert rows(room, loans)[0].book_id == 77


def test_a_reference_to_a_row_that_isnt_there_is_none_and_told(room: Storeroom, file: Path) -> None:
    write_old(file, loans=[{"id": "a", "book": 77, "lent": 0}])
    report = adopt(room, file)["loans"]
    assert told(report) == [("mended", "a", "book_id: row 77 of 'books' isn't here; it is None here")]
    assert rows(room, loans)[0].book_id is None
