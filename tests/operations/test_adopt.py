"""Every row of the old file arrives, or the report says why it doesn't."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import HookFailed, SystemUnknown
from tests.operations.library import adopt, authors, books, by_table, counts, days, loans, put, rows, told
from tests.operations.old import SCHEMA, book, write_old, writer
from tests.operations.shelf import plugin
from tests.operations.shelf.models import State


def test_rows_arrive_with_their_keys_times_and_relations(room: Storeroom, file: Path) -> None:
    write_old(
        file,
        writers=[writer(1), writer(7)],
        books=[book(3, writer=7, editor=1, state="ignored", details='{"isbn": [1]}', pages=5)],
        loans=[{"id": "a1b2", "book": 3, "lent": 1}],
        days=[{"day": "2026-02-03", "reads": 4, "kinds": '{"a": 1}'}],
    )
    report = adopt(room, file)
    assert {name: counts(each) for name, each in report.items()} == {
        "writers": (2, 0, 0, 0),
        "books": (1, 0, 0, 0),
        "loans": (1, 0, 0, 0),
        "days": (1, 0, 0, 0),
    }
    assert [note for each in report.values() for note in told(each)] == []
    assert [(row.id, row.name, row.seen_at) for row in rows(room, authors)] == [
        (1, "Writer 1", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        (7, "Writer 7", datetime(2026, 2, 1, 10, tzinfo=UTC)),
    ]
    (found,) = rows(room, books)
    assert (found.id, found.author_id, found.editor_id, found.state) == (3, 7, 1, State.IGNORED)
    assert (found.pages, found.details, found.version) == (5, {"isbn": [1]}, 1)
    assert found.updated_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert rows(room, loans) == [("a1b2", 3, True)]
    assert rows(room, days) == [(date(2026, 2, 3), 4, {"a": 1})]


def test_bad_values_become_defaults_and_are_told(room: Storeroom, file: Path) -> None:
    odd = {"details": '{"a": ', "state": "borrowed", "added": "yesterday", "language": b"\xff", "editor": 99}
    write_old(file, writers=[writer(1)], books=[book(1, **odd)])
    report = adopt(room, file)["books"]
    assert counts(report) == (1, 0, 0, 0)
    (found,) = rows(room, books)
    assert (found.details, found.state, found.language, found.editor_id) == ({}, State.WANTED, None, None)
    assert abs((found.added_at - datetime.now(UTC)).total_seconds()) < 60
    assert [(fate, key) for fate, key, _ in told(report)] == [("mended", "1")] * 5
    causes = sorted(cause for _, _, cause in told(report))
    assert causes[0].startswith("added_at: 'yesterday' isn't a time, as 2026-02-18T13:14:50; it is datetime.datetime(")
    assert causes[1:] == [
        "details: '{\"a\": ' isn't JSON; it is {} here",
        "editor_id: row 99 of 'writers' isn't here; it is None here",
        "language: b'\\xff' isn't text; it is None here",
        "state: 'borrowed' isn't one of wanted, owned, ignored; it is <State.WANTED: 'wanted'> here",
    ]


def test_what_a_column_doesnt_take_is_a_bad_value_too(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(1)], books=[book(1, pages=1 << 40), book(2, details='{"a": "\\u0000"}')])
    report = adopt(room, file)["books"]
    assert [(row.pages, row.details) for row in rows(room, books)] == [(1, {}), (100, {})]
    assert [cause for _, _, cause in told(report)] == [
        "pages: 1099511627776 doesn't fit into 32 bits; it is 1 here",
        "details: {'a': '\\x00'} can't be stored as JSON: $.a is '\\x00', with a NUL character, which no database here "
        "stores; it is {} here",
    ]


def test_values_that_another_stands_for_are_told(room: Storeroom, file: Path) -> None:
    write_old(
        file,
        writers=[writer(1)],
        books=[book(1, state="lent"), book(2, pages=None, sheets=30)],
        days=[{"day": "2026-02-03", "reads": 4, "kinds": '{"a": 1, "b": "x", "c": 2}'}],
    )
    report = adopt(room, file)
    assert [cause for _, _, cause in told(report["books"])] == [
        "state: 'lent' becomes 'owned'",
        "pages: taken from 30 sheets",
    ]
    assert [(row.state, row.pages) for row in rows(room, books)] == [(State.OWNED, 100), (State.OWNED, 60)]
    assert rows(room, days)[0].kinds == {"a": 1, "c": 2}
    assert "has ['b'], which aren't whole numbers" in told(report["days"])[0][2]


def test_a_row_without_a_usable_key_is_left_out_and_stops_no_other(room: Storeroom, file: Path) -> None:
    write_old(
        file,
        writers=[writer(1), writer(2, name=None), writer(3, name=b"\0"), writer(4, name="n" * 101)],
        books=[book(1), book(2, writer=2), book(3, writer=None), book(4, title="")],
        days=[{"day": "someday", "reads": 1}],
    )
    report = adopt(room, file)
    assert told(report["writers"]) == [
        ("left out", "2", "name: there is nothing"),
        ("left out", "3", "name: b'\\x00' isn't text"),
        ("left out", "4", f"name: {'n' * 101!r} has 101 characters"),
    ]
    assert told(report["books"]) == [
        ("left out", "2", "author_id: row 2 of 'writers' isn't here"),
        ("left out", "3", "author_id: there is nothing"),
        ("left out", "4", "title: there is nothing"),
    ]
    assert told(report["days"]) == [("left out", "someday", "day: 'someday' isn't a day, as 2026-02-18")]
    assert [row.id for row in rows(room, books)] == [1]


def test_a_row_that_the_database_refuses_stops_no_other(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(1)], books=[book(1), book(2, pages=-1), book(3)])
    report = adopt(room, file)["books"]
    assert counts(report) == (2, 0, 0, 1)
    ((fate, key, cause),) = told(report)
    assert (fate, key) == ("left out", "2")
    assert "ck_shelf_books_pages" in cause
    assert [row.id for row in rows(room, books)] == [1, 3]


def test_text_that_isnt_utf_8_is_told_by_its_row(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(1), writer(2)])
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE writers SET name = CAST(x'41ff' AS TEXT) WHERE id = 2")
    report = adopt(room, file)["writers"]
    assert [row.id for row in rows(room, authors)] == [1]
    assert told(report) == [
        ("left out", "2", "name: 'A\\udcff' has half a surrogate pair, which no database here stores")
    ]


def test_columns_that_come_and_went_and_tables_of_nobody_are_named(room: Storeroom, file: Path) -> None:
    schema = """
        CREATE TABLE writers (id INTEGER PRIMARY KEY, name TEXT, born TEXT);
        CREATE TABLE books (id INTEGER PRIMARY KEY, writer INTEGER, title TEXT, isbn TEXT);
        CREATE TABLE settings (name TEXT);
        CREATE TABLE `odd "name"` (x);
    """
    write_old(
        file,
        schema,
        writers=[{"id": 1, "name": "A", "born": "1950"}],
        books=[{"id": 1, "writer": 1, "title": "B"}],
        settings=[{"name": "x"}, {"name": "y"}],
    )
    report = room.adopt("oldshelf", file)
    tables = by_table(report)
    assert (tables["writers"].missing_columns, tables["writers"].unknown_columns) == (["seen"], ["born"])
    lacking = ["editor", "language", "state", "pages", "sheets", "details", "added", "updated"]
    assert tables["books"].missing_columns == lacking
    assert tables["books"].unknown_columns == []
    assert [(each.table, each.rows) for each in report.ignored] == [('odd "name"', 0), ("settings", 2)]
    assert report.missing == ["days", "loans"]
    (found,) = rows(room, books)
    assert (found.language, found.state, found.pages, found.details) == (None, State.WANTED, 1, {})
    assert [note for each in tables.values() for note in told(each)] == []


def test_rows_that_arent_meant_arent_read(room: Storeroom, file: Path) -> None:
    write_old(file, loans=[{"id": "a", "lent": None}, {"id": "b", "lent": 0}])
    assert adopt(room, file)["loans"].read == 1
    assert [row.id for row in rows(room, loans)] == ["b"]


def test_new_rows_are_numbered_from_beyond_those_that_arrived(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(41)])
    adopt(room, file)
    assert put(room, authors, name="New") == 42


def test_progress_is_told_for_each_table(room: Storeroom, file: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    write_old(file, writers=[writer(number) for number in range(1, 1202)])
    adopt(room, file, progress=lambda *step: seen.append(step))
    assert [step for step in seen if step[0] == "writers"] == [
        ("writers", 500, 1201),
        ("writers", 1000, 1201),
        ("writers", 1201, 1201),
    ]
    assert ("books", 0, 0) in seen


def test_a_system_that_nobody_knows_is_refused(room: Storeroom, file: Path) -> None:
    write_old(file)
    with pytest.raises(SystemUnknown, match="no plugin in use takes over anything from 'newshelf'; correct") as caught:
        room.adopt("newshelf", file)
    assert caught.value.system == "newshelf"


def test_an_error_of_a_plugin_leaves_nothing(room: Storeroom, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_row: object) -> object:
        raise ZeroDivisionError("of a plugin's")

    monkeypatch.setattr(plugin, "BOOKS", replace(plugin.BOOKS, prefer=fail))
    write_old(file, writers=[writer(1)], books=[book(1), book(2, title="Book 1")])
    with pytest.raises(ZeroDivisionError):
        adopt(room, file)
    assert rows(room, authors) == []
    monkeypatch.undo()
    assert counts(adopt(room, file)["writers"]) == (1, 0, 0, 0)


@pytest.mark.parametrize("answer", [[1], "books", {"a": 1}])
def test_an_answer_of_another_kind_is_the_plugins_fault(
    room: Storeroom, file: Path, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    monkeypatch.setattr(plugin, "LOANS", answer)
    write_old(file)
    with pytest.raises(HookFailed, match=r"plugin 'shelf' returned .*; it must return a list of TableAdoptions"):
        adopt(room, file)


def test_an_empty_file_of_the_system_is_fine(room: Storeroom, file: Path) -> None:
    report = adopt(room, write_old(file, SCHEMA))
    assert {counts(each) for each in report.values()} == {(0, 0, 0, 0)}
