"""Files of back-ups: whole or not there, no more readable than the database, and compared with it.

No function here opens and closes a database file other than through SQLite: closing any descriptor of a file frees
all the locks that this process has on it, SQLite's own among them.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from storeroom.errors import BackupFailed

# Between two steps of a copy the program can be interrupted.
PAGES_PER_STEP = 256

# What SQLite may have made beside a file.
_COMPANIONS = ("-journal", "-wal", "-shm")
_FREE_SPACE = "free some space, or see that its folder can be written to"


def open_file(file: Path, mode: str, *, wait: float = 0, immutable: bool = False) -> sqlite3.Connection:
    """Open a SQLite file that is there, `ro` or `rw`, in autocommit; `wait` is for locks, in seconds."""
    uri = f"{file.absolute().as_uri()}?mode={mode}{'&immutable=1' if immutable else ''}"
    return sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)


def contents(connection: sqlite3.Connection) -> Mapping[str, int | None]:
    """Return the tables with their numbers of rows, None for a virtual one of a module that isn't here."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return {name: _count(connection, name) for (name,) in names}


def _count(connection: sqlite3.Connection, table: str) -> int | None:
    quoted = '"' + table.replace('"', '""') + '"'
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608  # a name, quoted
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return None
    return int(count)


def damage(connection: sqlite3.Connection) -> str | None:
    """Return the first thing that is wrong inside a database, in SQLite's words, or None."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return None if found == "ok" else " ".join(str(found).split())


def differences(expected: Mapping[str, int | None], found: Mapping[str, int | None]) -> str:
    """Say which tables aren't the same, with their numbers of rows; empty where all are."""
    names = sorted(expected.keys() | found.keys())
    return ", ".join(
        f"{name!r} has {found.get(name, 'gone')} instead of {expected.get(name, 'none')}"
        for name in names
        if (name in expected, expected.get(name)) != (name in found, found.get(name))
    )


@contextmanager
def whole_file(target: Path, like: Path | None) -> Iterator[Path]:
    """Give out an empty file `<target>.part`, which takes the target's place at the end, on disk and whole.

    Its permission bits are those of `like`, and so are its owner and group where the process may give it to them;
    without `like` it is its owner's alone. After an error nothing is left of it.
    """
    part = part_of(target)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        bits = _take_after(part, like)
        yield part
        part.chmod(bits)
        os.fsync(descriptor)
        part.replace(target)
    except BaseException:
        remove(part)
        raise
    finally:
        os.close(descriptor)
    _sync_folder(target.parent)


def part_of(target: Path) -> Path:
    """Return where a file is written before it takes its place."""
    return target.with_name(f"{target.name}.part")


def create_empty(file: Path, like: Path) -> None:
    """Create a file with another's permission bits, unless there is one."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _take_after(file, like)


def remove(file: Path) -> None:
    """Delete a database file that nobody uses, with what SQLite made beside it."""
    try:
        for suffix in _COMPANIONS:
            file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    finally:  # last: by its name the next one finds what a kill leaves
        file.unlink(missing_ok=True)


def _take_after(part: Path, like: Path | None) -> int:
    """Give a file the owner and bits of another, still writable for us; returns the bits that it shall have."""
    if like is None:
        return 0o600
    status = like.stat()
    for owner in (status.st_uid, -1) if hasattr(os, "chown") else ():
        with suppress(OSError):  # who isn't root gives it to a group of his at most
            os.chown(part, owner, status.st_gid)
            break
    bits = stat.S_IMODE(status.st_mode) & 0o777
    part.chmod(bits | 0o600)
    return bits


def _sync_folder(folder: Path) -> None:
    # As SQLite does: where a folder can't be synced, the file system has its own way.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def failing_as(what: str, file: Path, cure: str = _FREE_SPACE) -> Iterator[None]:
    """Raise BackupFailed for what the system or SQLite refuses inside; `what` is said before the file's name."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"{what} {str(file)!r}: {reason(error)}; {cure}", file=str(file)) from error


def reason(error: Exception) -> str:
    """Return why, in the words of the system or of SQLite, without a path that the message has named."""
    return (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())
