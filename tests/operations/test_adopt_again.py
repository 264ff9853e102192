"""The same file again: nothing twice, nothing changed that was written since; and two at once are as one."""

import sqlite3
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import delete, func, literal_column, select, text, update

from storeroom import Statement, Storeroom
from storeroom.testing import run_together
from tests.operations.library import adopt, authors, books, counts, days, loans, open_room, put, rows
from tests.operations.old import book, write_old, writer

ALL = (authors, books, loans, days)


def fill(file: Path) -> Path:
    return write_old(
        file,
        writers=[writer(1), writer(2)],
        books=[book(1), book(2), book(3, title="Book 2")],
        loans=[{"id": "a", "book": 3, "lent": 1}],
        days=[{"day": "2026-02-03", "reads": 4}],
    )


def everything(room: Storeroom) -> list[object]:
    return [rows(room, table) for table in ALL]


def test_nothing_arrives_twice_and_what_was_changed_or_deleted_stays_so(room: Storeroom, file: Path) -> None:
    adopt(room, fill(file))
    with room.write() as uow:
        Statement(update(books).where(books.c.id == literal_column("1")).values(pages=literal_column("9"))).affected(
            uow
        )
        Statement(update(days).values(reads=days.c.reads + literal_column("1"))).affected(uow)
        Statement(delete(loans)).affected(uow)
    before = everything(room)
    report = adopt(room, file)
    assert {name: counts(each) for name, each in report.items()} == {
        "writers": (0, 0, 2, 0),
        "books": (0, 0, 3, 0),
        "loans": (0, 0, 1, 0),
        "days": (0, 0, 1, 0),
    }
    assert everything(room) == before


def test_rows_that_came_since_arrive_and_refer_to_those_that_were_known(room: Storeroom, file: Path) -> None:
    put(room, authors, id=1, name="Somebody")
    adopt(room, fill(file))
    write_old(file, books=[book(9, writer=1)], loans=[{"id": "b", "book": 3, "lent": 0}])
    report = adopt(room, file)
    assert counts(report["books"]) == (1, 0, 3, 0)
    known = {row.name: row.id for row in rows(room, authors)}
    assert rows(room, books)[-1].author_id == known["Writer 1"] != 1
    assert {row.id: row.book_id for row in rows(room, loans)} == {"a": 2, "b": 2}


def test_a_row_that_was_left_out_arrives_when_it_was_mended(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(1)], books=[book(1, pages=-1)])
    assert counts(adopt(room, file)["books"]) == (0, 0, 0, 1)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE books SET pages = 1")
    assert counts(adopt(room, file)["books"]) == (1, 0, 0, 0)


def test_a_dry_run_reports_the_same_and_writes_nothing(room: Storeroom, file: Path) -> None:
    fill(file)
    dry = room.adopt("oldshelf", file, dry_run=True)
    assert everything(room) == [[], [], [], []]
    with room.read() as uow:
        assert Statement(text("SELECT count(*) FROM storeroom_adoptions")).scalar(uow) == 0
    wet = room.adopt("oldshelf", file)
    assert (dry.dry_run, wet.dry_run) == (True, False)
    assert dry.tables == wet.tables
    assert dry.ignored == wet.ignored


def adopt_in_process(url: str, file: Path, together: Barrier) -> None:
    with open_room(url) as room:
        together.wait(60)
        adopt(room, file)


@pytest.mark.dear
def test_two_that_adopt_at_once_adopt_once(room: Storeroom, url: str, file: Path) -> None:
    write_old(
        file,
        writers=[writer(number) for number in range(1, 301)],
        books=[book(number) for number in range(1, 301)],
        days=[{"day": "2026-02-03", "reads": 4}],
    )
    assert run_together(2, adopt_in_process, url, file) == [0, 0]
    with room.read() as uow:
        for table, expected in ((authors, 300), (books, 300)):
            assert Statement(select(func.count()).select_from(table)).scalar(uow) == expected
    assert rows(room, days)[0].reads == 4
