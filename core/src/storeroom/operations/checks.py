"""Core's own checks of a database: what no plugin sees, and no transaction repairs."""

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from storeroom.contributions import Finding
from storeroom.engine import Database, StatementRunner, sqlite_file
from storeroom.errors import DatabaseUnavailable, tell

# What these are is a file on another machine, whose locks and shared memory don't reach this one.
_NETWORK = ("9p", "afs", "beegfs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "smb")
MOUNTS = Path("/proc/self/mounts")


def database_findings(database: Database) -> Sequence[Finding]:
    """Look for what is broken or dangerous in the database itself."""
    if database.backend.name == "sqlite":
        return [*_of_file(sqlite_file(database.engine.url)), *_of_sqlite(database)]
    return list(_of_postgresql(database))


def _of_file(file: Path | None) -> Iterator[Finding]:
    if file is None:
        return
    mode = file.stat().st_mode
    if mode & stat.S_IWOTH:
        yield Finding(f"anybody on this machine can change {str(file)!r}", f"chmod o-rw '{file}'")
    elif mode & stat.S_IROTH and file.resolve().parent.stat().st_mode & stat.S_IXOTH:
        yield Finding(
            f"anybody on this machine can read {str(file)!r}, and what is secret in it",
            f"chmod o-r '{file}', or close its folder to others",
        )
    kind = file_system(file.resolve(), MOUNTS.read_text() if MOUNTS.exists() else "")
    if kind.startswith(_NETWORK):
        yield Finding(
            f"{str(file)!r} is on a network file system ({kind}), where the write-ahead log of one machine isn't seen "
            "by another, and the file gets damaged",
            "move it to a disk of this machine, or use PostgreSQL",
        )


def file_system(file: Path, mounts: str) -> str:
    """Return the type of the file system that holds a file, from Linux's table of mounts; empty where none is known."""
    found, depth = "", -1
    for line in mounts.splitlines():
        _device, point, kind, *_rest = line.split(" ")
        # The kernel writes what would part the line by its octal code.
        place = Path(point.encode().decode("unicode_escape").encode("latin-1").decode(errors="surrogateescape"))
        if file.is_relative_to(place) and len(place.parts) >= depth:  # of two at one place, the later covers the other
            found, depth = kind, len(place.parts)
    return found


def _of_sqlite(database: Database) -> Iterator[Finding]:
    with database.reading() as runner:
        found = _damage(runner)
        if found:
            yield Finding(f"the file is damaged: {found}", "restore a back-up, then find out what wrote to it")
            return
        broken: dict[tuple[str, str], int] = {}
        for table, _row, parent, _number in _rows(runner, "PRAGMA foreign_key_check"):
            broken[table, parent] = broken.get((table, parent), 0) + 1
        for (table, parent), count in broken.items():
            yield Finding(
                f"{count} row(s) of {table!r} refer to rows of {parent!r} that aren't there",
                f"delete them, or put the rows of {parent!r} back; 'PRAGMA foreign_key_check({table})' lists them",
            )
        (journal,) = _rows(runner, "PRAGMA journal_mode")
        if journal[0] not in ("wal", "memory"):
            yield Finding(
                f"the journal mode is {journal[0]!r}, so that readers and the writer wait for each other",
                "let a program that may write to the file and its folder open it",
            )


_UNVALIDATED = """
SELECT conname, conrelid::regclass::text FROM pg_constraint
WHERE NOT convalidated AND connamespace = current_schema()::regnamespace ORDER BY 1
"""
_INVALID = """
SELECT indexrelid::regclass::text, indrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace ORDER BY 1
"""


def _of_postgresql(database: Database) -> Iterator[Finding]:
    with database.reading() as runner:
        for constraint, table in _rows(runner, _UNVALIDATED):
            yield Finding(
                f"constraint {constraint!r} of {table!r} was never checked for the rows that were there before it",
                f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}",
            )
        for index, table in _rows(runner, _INVALID):
            yield Finding(
                f"index {index!r} of {table!r} is invalid: it was interrupted while it was built, and serves nobody",
                f"run 'storeroom upgrade' if a revision is pending, else REINDEX INDEX CONCURRENTLY {index}",
            )


def _damage(runner: StatementRunner) -> str:
    """Say what is damaged in a SQLite file; nothing where it is whole."""
    try:
        problems = [str(row[0]) for row in _rows(runner, "PRAGMA quick_check(3)")]
    except DatabaseUnavailable as error:
        return tell(error)
    return "" if problems == ["ok"] else " ".join("; ".join(problems).split())


def _rows(runner: StatementRunner, query: str) -> Sequence[tuple[Any, ...]]:
    rows: Sequence[tuple[Any, ...]] = runner.on_cursor(lambda cursor: cursor.execute(query).fetchall())
    return rows
