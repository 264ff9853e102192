"""A back-up where one says: a copy of one moment, compared with it before it takes its place."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from storeroom.backups.dumping import dump_command
from storeroom.backups.files import PAGES_PER_STEP, contents, damage, differences, failing_as, part_of, whole_file
from storeroom.engine import Database, sqlite_file
from storeroom.errors import BackupFailed


def backup(database: Database, target: Path) -> None:
    """Copy a SQLite database to a new file, as it is at one moment, while others read and write it.

    The copy is one file, whole and on disk when its name is there, with the database's permission bits; it was read
    back, and has the same tables with as many rows.

    Raises BackupFailed when the target exists, its folder doesn't, the copy can't be written or isn't the same, or
    the database is PostgreSQL's; nothing is left of it then.
    """
    file = _source(database, target)
    _check_target(target, file)
    with (
        database.reading() as runner,
        failing_as("no back-up can be written to", target),
    ):
        expected = contents(runner.driver)  # from here on the transaction sees one state
        with whole_file(target, file) as part:
            _copy(runner.driver, part)
            _check(part, expected, target)


def _source(database: Database, target: Path) -> Path | None:
    """Return the database's file, None where it is in memory."""
    if database.backend.name != "sqlite":
        raise BackupFailed(
            f"{database.shown_url} isn't a SQLite file; use pg_dump: {dump_command(database, ())}", file=str(target)
        )
    file = sqlite_file(database.engine.url)
    if file is not None and not file.exists():  # connecting would create it
        raise BackupFailed(
            f"the database file {str(file)!r} doesn't exist; check the path in the URL", file=str(target)
        )
    return file


def _check_target(target: Path, file: Path | None) -> None:
    shown = repr(str(target))
    if file is not None and target.exists() and target.samefile(file):
        problem = f"{shown} is the database itself; choose another name"
    elif target.exists() or target.is_symlink():
        problem = f"{shown} exists already, and a back-up replaces nothing; choose another name"
    elif not target.parent.is_dir():
        problem = f"the folder {str(target.parent)!r} doesn't exist; create it first"
    elif part_of(target).exists():
        problem = (
            f"{str(part_of(target))!r} is there: another process writes this back-up, or was killed while it did; "
            "wait for it, or delete that file"
        )
    else:
        return
    raise BackupFailed(problem, file=str(target))


def _copy(source: sqlite3.Connection, part: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # it is synced once, when it is whole
        # In steps, between which the program can be interrupted.
        source.backup(copy, pages=PAGES_PER_STEP, progress=lambda *_: None)
        # So that it is one file wherever it is opened; the database makes its log anew when it is restored.
        copy.execute("PRAGMA journal_mode=DELETE")


def _check(part: Path, expected: Mapping[str, int | None], target: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        problem = damage(copy) or differences(expected, contents(copy))
    if problem:
        raise BackupFailed(
            f"the back-up {str(target)!r} isn't good, and was deleted: {problem}; "
            "look at the database itself with PRAGMA integrity_check, and at the disk",
            file=str(target),
        )
