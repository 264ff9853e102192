"""Another system's SQLite file, read from a copy of one moment: the file is never changed, nor held for long."""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storeroom.errors import SourceUnreadable

# How long to wait for its owner, who may be in the middle of a write; in seconds.
_PATIENCE = 10.0
_TRIES = 3

_MAGIC = b"SQLite format 3\0"
# Where the header says that the file has a write-ahead log, and with which value.
_WRITE_VERSION, _WAL = 18, 2


class SourceFile:
    """A SQLite file at one moment: its tables with their columns, and their rows."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
        ).fetchall()
        columns = {name: self._columns(name) for (name,) in names}
        self.tables: Mapping[str, Sequence[str]] = {name: found for name, found in columns.items() if found}
        # Virtual ones, of a module that isn't here.
        self.unreadable: Sequence[str] = [name for name, found in columns.items() if not found]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        (count,) = self._connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()
        return int(count)

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a table, each by its columns' names, in the order in which they were written."""
        columns = self.tables[table]
        for row in self._connection.execute(f"SELECT * FROM {_quoted(table)}"):
            yield dict(zip(columns, row, strict=True))

    def _columns(self, table: str) -> Sequence[str]:
        try:
            rows = self._connection.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")
        except sqlite3.OperationalError:
            return []
        return [name for name, *_ in rows.description]


@contextmanager
def open_source(path: Path) -> Iterator[SourceFile]:
    """Copy the file as it is at this moment, also while its owner writes, and open the copy.

    Raises SourceUnreadable for what isn't a SQLite database, is damaged, or can't be read.
    """
    _check_header(path)
    with tempfile.TemporaryDirectory(prefix="storeroom-") as folder:
        copy = Path(folder, "copy.db")
        try:
            _copy(path, copy)
            with closing(sqlite3.connect(f"file:{quote(str(copy))}?mode=ro", uri=True)) as connection:
                # Text that isn't UTF-8 is told by its row, and doesn't end the reading.
                connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
                _check_whole(connection, path)
                yield SourceFile(connection, path)
        except sqlite3.Error as error:
            raise _unreadable(path, f"can't be read: {error}", "use a whole copy of it") from error


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        raise _unreadable(path, "doesn't exist", "check the path") from None
    except OSError as error:
        raise _unreadable(path, f"can't be read: {error.strerror}", "check the path, and who may read it") from error
    if not header.startswith(_MAGIC):
        what = "is empty" if not header else "isn't a SQLite database"
        raise _unreadable(path, what, "give the file that the other system keeps its data in")


def _copy(path: Path, copy: Path) -> None:
    for last in range(_TRIES):
        before = _signature(path)
        with (
            closing(sqlite3.connect(_uri(path), uri=True, timeout=_PATIENCE)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        # A file that SQLite was told not to lock may have been written meanwhile.
        if "immutable" not in _uri(path) or before == _signature(path) or last == _TRIES - 1:
            return


def _uri(path: Path) -> str:
    """Return how to open the file without changing it, nor the folder that it is in.

    A write-ahead log that is there is read, with its owner's locks. Where there is none, SQLite would make one.
    """
    with path.open("rb") as file:
        has_log = file.read(_WRITE_VERSION + 1)[_WRITE_VERSION] == _WAL
    log = path.with_name(f"{path.name}-wal")
    quiet = has_log and not (log.exists() and log.stat().st_size)
    return f"file:{quote(str(path.resolve()))}?mode=ro{'&immutable=1' if quiet else ''}"


def _signature(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if problem != "ok":
        told = " ".join(str(problem).split())
        raise _unreadable(path, f"is damaged: {told}", "use a whole copy, or mend it with sqlite3's .recover")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unreadable(path: Path, what: str, cure: str) -> SourceUnreadable:
    return SourceUnreadable(f"{str(path)!r} {what}; {cure}", file=str(path))
