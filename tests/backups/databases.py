"""What the tests of back-ups share: database files with rows to tell them by, and looks at them from outside."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL

from storeroom.engine import Database, parse_url
from storeroom.settings import Settings

LEDGER = "storeroom_plugins"


@contextmanager
def opened(url: str | Path, **settings: object) -> Iterator[Database]:
    """The database of a URL or a file, with these settings."""
    parsed = URL.create("sqlite", database=str(url)) if isinstance(url, Path) else parse_url(url)
    database = Database.from_url(parsed, Settings.model_validate(settings))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def connected(file: Path) -> Iterator[sqlite3.Connection]:
    """A stranger's connection to a file, on which each statement commits."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as connection:
        yield connection


def make(file: Path, mark: str, *, rows: int = 3, journal: str = "wal", page_size: int = 4096) -> Path:
    """Make a database that looks like Storeroom's, with a mark in each of the rows of `notes`."""
    with connected(file) as connection:
        connection.execute(f"PRAGMA page_size={page_size}")
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE {LEDGER} (name TEXT PRIMARY KEY, head TEXT)")
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, mark TEXT NOT NULL, body TEXT)")
        connection.execute("CREATE INDEX ix_notes_mark ON notes (mark)")
        connection.execute(f"CREATE TABLE only_{mark} (id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO notes (mark, body) VALUES (?, ?)", [(mark, "x" * 400)] * rows)
        connection.execute("COMMIT")
    return file


def change(file: Path) -> None:
    """Give all rows another mark, and make another table."""
    with connected(file) as connection:
        connection.execute("UPDATE notes SET mark = 'new'")
        connection.execute("CREATE TABLE only_new (id INTEGER)")
        connection.execute("INSERT INTO notes (mark) VALUES ('newer')")


def look(connection: sqlite3.Connection) -> Sequence[object]:
    """What a connection sees in one transaction: its tables, and the marks with their numbers of rows."""
    within = connection.in_transaction
    if not within:
        connection.execute("BEGIN")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master ORDER BY name")]
    marks = connection.execute("SELECT mark, count(*) FROM notes GROUP BY mark ORDER BY mark").fetchall()
    if not within:
        connection.execute("COMMIT")
    return [tables, [list(each) for each in marks]]


def state(file: Path) -> Sequence[object]:
    """What a file holds, seen by a new connection; the file must be whole."""
    with connected(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return look(connection)


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(each.name for each in folder.iterdir())
