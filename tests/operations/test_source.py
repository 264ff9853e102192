"""The old file is read as it is at one moment, and never changed; what can't be read gets one clear error."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import AdoptionError, SourceForeign, SourceUnreadable
from tests.operations.library import adopt, authors, counts, open_room, rows
from tests.operations.old import book, write_old, writer


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Storeroom]:
    """A room on SQLite: how a file is read doesn't depend on where its rows go."""
    with open_room(f"sqlite:///{tmp_path}/new.db", upgrade=True) as room:
        yield room


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """In a folder of its own, so that what is left beside it shows."""
    (tmp_path / "old").mkdir()
    return tmp_path / "old" / "old.db"


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """What a folder holds: each file's content and time."""
    return {
        each.name: (hashlib.sha256(each.read_bytes()).hexdigest(), each.stat().st_mtime_ns) for each in folder.iterdir()
    }


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_neither_the_file_nor_its_folder_is_changed(room: Storeroom, file: Path, journal: str) -> None:
    write_old(file, writers=[writer(1)])
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(f"PRAGMA journal_mode={journal}").fetchone() == (journal,)
    before = state(file.parent)
    assert list(before) == ["old.db"]
    assert counts(adopt(room, file)["writers"]) == (1, 0, 0, 0)
    assert state(file.parent) == before


@contextmanager
def owner(file: Path, journal: str) -> Iterator[sqlite3.Connection]:
    """The old system, in the middle of a write."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("INSERT INTO writers VALUES (2, 'committed', '')")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO writers VALUES (3, 'not yet', '')")
        yield connection
        connection.execute("COMMIT")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_what_its_owner_has_committed_is_read_while_it_writes(room: Storeroom, file: Path, journal: str) -> None:
    write_old(file, writers=[writer(1)])
    with owner(file, journal):
        assert counts(adopt(room, file)["writers"]) == (2, 0, 0, 0)
    assert [row.name for row in rows(room, authors)] == ["Writer 1", "committed"]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM writers").fetchone() == (3,)


def test_its_owner_can_write_while_rows_are_adopted(room: Storeroom, file: Path) -> None:
    write_old(file, writers=[writer(number) for number in range(1, 601)])
    written: list[int] = []

    def write(table: str, done: int, _total: int) -> None:
        with closing(sqlite3.connect(file, timeout=0)) as connection, connection:
            written.append(connection.execute(f"INSERT INTO writers VALUES ({5000 + len(written)}, 'x', '')").rowcount)

    assert counts(adopt(room, file, progress=write)["writers"]) == (600, 0, 0, 0)
    assert written == [1] * len(written)
    assert len(written) > 3


def nothing(_file: Path) -> None:
    pass


def no_database(file: Path) -> None:
    file.write_text("id,name\n1,Writer\n" * 100)


def empty(file: Path) -> None:
    file.touch()


def folder(file: Path) -> None:
    file.mkdir()


def truncated(file: Path) -> None:
    write_old(file, writers=[writer(number) for number in range(1, 2000)])
    os.truncate(file, file.stat().st_size // 2)


def overwritten(file: Path) -> None:
    write_old(file, writers=[writer(number) for number in range(1, 2000)])
    with file.open("r+b") as raw:
        raw.seek(20_000)
        raw.write(b"\xee" * 9_000)


def only_the_header(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"\0" * 50)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing there": (nothing, r"doesn't exist; check the path"),
    "no database": (no_database, r"isn't a SQLite database; give the file that the other system keeps its data in"),
    "empty": (empty, r"is empty; give the file"),
    "a folder": (folder, r"can't be read: .*; check the path"),
    "truncated": (truncated, r"(is damaged|can't be read): .*; use a whole copy"),
    "overwritten": (overwritten, r"(is damaged|can't be read): .*; use a whole copy"),
    "only the header": (only_the_header, r"(is damaged|can't be read): .*; use a whole copy"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_what_cant_be_read_gets_one_clear_error(room: Storeroom, file: Path, what: str) -> None:
    damage, says = DAMAGES[what]
    damage(file)
    with pytest.raises(SourceUnreadable, match=rf"old\.db' {says}") as caught:
        adopt(room, file)
    assert isinstance(caught.value, AdoptionError)
    assert caught.value.file == str(file)
    assert rows(room, authors) == []


def test_a_database_of_another_program_is_told_from_one_of_the_system(room: Storeroom, file: Path) -> None:
    write_old(file, "CREATE TABLE urls (id); CREATE TABLE visits (id);")
    with pytest.raises(SourceForeign, match=r"none of the tables .* know of 'oldshelf' \(it has urls, visits\); give"):
        adopt(room, file)


def test_a_table_of_the_same_name_without_its_key_is_another_programs(room: Storeroom, file: Path) -> None:
    write_old(file, "CREATE TABLE books (rowid_ INTEGER, title TEXT, writer INTEGER);")
    with pytest.raises(SourceForeign, match=r"table 'books' of .* lacks \['id'\], without which it isn't one of"):
        adopt(room, file)


def test_nothing_of_the_file_is_left_in_the_temporary_folder(
    room: Storeroom, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    write_old(file, writers=[writer(1)], books=[book(1)])
    before = set(tmp_path.iterdir())
    adopt(room, file)
    assert set(tmp_path.iterdir()) == before
