"""The back-up that is to be restored: looked through before, held at one moment, never changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storeroom.backups.files import contents, damage, open_file, reason
from storeroom.errors import BackupUnusable

_LEDGER = "storeroom_plugins"

# For the lock of a file that someone writes to, in seconds.
_PATIENCE = 5.0


class Source:
    """A back-up, looked through, with a connection to it that is inside a reading transaction."""

    def __init__(self, connection: sqlite3.Connection, path: Path, signature: object | None) -> None:
        self.connection = connection
        self.path = path
        self.contents = contents(connection)
        self._signature = signature

    def check_unwritten(self) -> None:
        """Raise BackupUnusable when someone wrote to a file that was opened as one that nobody writes to."""
        if self._signature is not None and self._signature != _signature(self.path):
            raise _unusable(self.path, "was written to while it was read", "restore a back-up that nobody writes to")


@contextmanager
def opened_backup(path: Path) -> Iterator[Source]:
    """Look through a back-up, and hold it at one moment for the length of a block.

    The file may also be a database that is in use: then it is read with its owner's locks. Neither it nor its folder
    is changed. Raises BackupUnusable for what isn't there, isn't a SQLite database, is damaged, or isn't Storeroom's.
    """
    if not path.is_file():
        raise _unusable(path, "isn't a file" if path.exists() else "doesn't exist", "check the path")
    file = path.resolve()
    # Of a file that nobody uses SQLite is told so: it would make a log beside it, and fail where it can't.
    is_quiet = not any(_has_beside(file, suffix) for suffix in ("-wal", "-shm", "-journal"))
    signature = _signature(path) if is_quiet else None
    try:
        connection = open_file(file, "ro", wait=_PATIENCE, immutable=is_quiet)
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    with closing(connection):
        try:
            _look_through(connection, path)
            source = Source(connection, path, signature)
        except sqlite3.Error as error:
            raise _unreadable(path, error) from error
        yield source


def _has_beside(file: Path, suffix: str) -> bool:
    companion = file.with_name(f"{file.name}{suffix}")
    return companion.exists() and (suffix == "-shm" or companion.stat().st_size > 0)


def _signature(file: Path) -> tuple[int, int, int]:
    status = file.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def _look_through(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN")
    ledger = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [_LEDGER]).fetchone()
    found = damage(connection)
    if found:
        raise _unusable(path, f"is damaged: {found}", "use another back-up")
    if ledger is None:
        raise _unusable(path, f"isn't a back-up of a Storeroom database: it has no table {_LEDGER!r}", "check the path")


def _unreadable(path: Path, error: sqlite3.Error) -> BackupUnusable:
    told = f"can't be read: {reason(error)}"
    if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
        return _unusable(path, "isn't a SQLite database", "check the path")
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return _unusable(
            path, told, "check who may read it; where a -wal or -journal lies beside it, copy them to a folder together"
        )
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _unusable(path, told, "wait for who writes to it, or restore a back-up that nobody writes to")
    return _unusable(path, told, "use another back-up")


def _unusable(path: Path, what: str, cure: str) -> BackupUnusable:
    return BackupUnusable(f"{str(path)!r} {what}; {cure}", file=str(path))
