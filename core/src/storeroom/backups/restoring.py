"""A back-up put back: its pages copied into the live file, which stays where it is, in one transaction."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from storeroom.backups.automatic import delete_older, write
from storeroom.backups.files import (
    contents,
    create_empty,
    damage,
    differences,
    failing_as,
    open_file,
)
from storeroom.backups.source import Source, opened_backup
from storeroom.engine import Database, sqlite_file
from storeroom.errors import BackupFailed, BackupUnusable, MigrationLockTimeout

logger = logging.getLogger("storeroom.backups")

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

# For a lock, at one try: short, so that the program can be interrupted.
_SLICE_SECONDS = 0.1
_POLL_SECONDS = (0.02, 0.1)

_BYTES_PER_STEP = 1024 * 1024

_CURE = (
    "free some space, and see that it can be written to; where it isn't a database any more, move it away, with its "
    "-wal, and restore again"
)


def restore(database: Database, source: Path, *, is_free: Callable[[], object] = lambda: True) -> Path | None:
    """Make a SQLite database what a back-up holds, in one transaction that others see as a whole or not at all.

    Who has the file open goes on, and sees what was restored in the next transaction. What was there is written to an
    automatic back-up first, under the same lock, and its path is returned (see `write_automatic`). A file that isn't
    there is created, with the back-up's permission bits. Killed at any point, it leaves what was there before, or
    what was restored.

    `is_free` is asked once the write lock is held, and may refuse: a step of a migration that isn't a transaction has
    a lock of its own. Then the lock is given back and tried again.

    Raises BackupUnusable when the file isn't a whole back-up of a Storeroom database, BackupFailed when it can't be
    restored, and MigrationLockTimeout when the lock isn't had within `migration_lock_timeout`.
    """
    file = _live_file(database, source)
    with opened_backup(source) as origin:
        with failing_as("nothing was restored to", file, _CURE):
            create_empty(file, source)
            live = open_file(file, "rw", wait=_SLICE_SECONDS)
        with closing(live):
            restoring = _Restoring(database, file, origin, live, is_free)
            with failing_as("nothing was restored to", file, _CURE):
                restoring.run()
            restoring.verify()
            if restoring.saved is not None:
                delete_older(database, restoring.saved, spared=source)
            with suppress(sqlite3.Error):  # readers of old may need the log; whoever closes last empties it
                live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    logger.info("restored %s from %s", file, source)
    return restoring.saved


class _NotYet(Exception):
    """The lock isn't ours at this moment."""


class _Restoring:
    """The copying of pages into the live file, tried until the lock is had."""

    def __init__(
        self, database: Database, file: Path, origin: Source, live: sqlite3.Connection, is_free: Callable[[], object]
    ) -> None:
        self.saved: Path | None = None
        self._version = 0
        self._database = database
        self._file = file
        self._origin = origin
        self._live = live
        self._is_free = is_free
        self._holds_lock = self._has_log = False
        self._state: object = None
        page_size, pages = _pragma(origin.connection, "page_size"), _pragma(origin.connection, "page_count")
        # The first step takes the lock and mustn't be the last, which commits; it fits into SQLite's cache.
        self._pages = max(1, min(_BYTES_PER_STEP // page_size, pages - 1))

    def run(self) -> None:
        """Copy all, or nothing; raises MigrationLockTimeout when the lock can't be had."""
        seconds = self._database.backend.settings.migration_lock_timeout
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._attempt()
                return
            except Exception as error:
                self._forget_saved()
                if not _passes(error):
                    raise
            if time.monotonic() >= deadline:
                raise MigrationLockTimeout(
                    f"another process held the write lock of {self._database.shown_url} for {seconds:g} s; wait for it "
                    "and try again, or raise STOREROOM_MIGRATION_LOCK_TIMEOUT"
                )
            time.sleep(random.uniform(*_POLL_SECONDS))

    def verify(self) -> None:
        """Compare the live file with the back-up, as long as nobody wrote to it since; raises BackupFailed."""
        before = f", or {str(self.saved)!r}, which holds what was there before" if self.saved else ""
        cure = f"look at the disk, and restore again{before}"
        with failing_as("the back-up was restored, but can't be read back from", self._file, cure):
            self._live.execute("PRAGMA busy_timeout=5000")
            self._live.execute("BEGIN")
            problem = differences(self._origin.contents, contents(self._live))
            if problem and _pragma(self._live, "data_version") != self._version:
                logger.info("others have written since the back-up was restored: %s", problem)
                problem = ""
            problem = damage(self._live) or problem
            self._live.execute("ROLLBACK")
        if problem:
            raise BackupFailed(f"{str(self._file)!r} isn't as the back-up: {problem}; {cure}", file=str(self._file))

    def _attempt(self) -> None:
        self._holds_lock = False
        self._live.execute("PRAGMA synchronous=FULL")
        self._live.execute(f"PRAGMA cache_size=-{4 * _BYTES_PER_STEP // 1024}")
        self._has_log = _pragma(self._live, "journal_mode") == "wal"
        self._check_page_size()
        self._version = _pragma(self._live, "data_version")
        if not self._has_log:
            self._save_early()
        self._origin.connection.backup(self._live, pages=self._pages, progress=self._proceed)

    def _check_page_size(self) -> None:
        size, own = _pragma(self._origin.connection, "page_size"), _pragma(self._live, "page_size")
        if self._has_log and size != own:
            raise BackupUnusable(
                f"{str(self._origin.path)!r} has pages of {size} bytes, and {str(self._file)!r} of {own}, which SQLite "
                "can't change in WAL mode; restore to a database URL whose file doesn't exist yet",
                file=str(self._origin.path),
            )

    def _save_early(self) -> None:
        """Write the automatic back-up before the copying, which without a log keeps all readers out."""
        self._live.execute("BEGIN IMMEDIATE")
        try:
            self.saved = write(self._database)
            self._state = self._signature()
        finally:
            self._live.execute("ROLLBACK")

    def _proceed(self, status: int, _remaining: int, _total: int) -> None:
        """Between two steps: see that the lock is ours, and when it is new, do what is to be done under it."""
        if status in _BUSY:  # which Python would try again for ever
            raise _NotYet
        if status == sqlite3.SQLITE_DONE:
            return
        self._origin.check_unwritten()
        if self._holds_lock:
            return
        if not self._is_free():
            raise _NotYet
        self._holds_lock = True
        if self._has_log:
            self.saved = write(self._database)
        elif self._state != self._signature():  # someone wrote after the back-up was made
            raise _NotYet

    def _signature(self) -> tuple[int, int]:
        status = self._file.stat()
        return status.st_mtime_ns, status.st_size

    def _forget_saved(self) -> None:
        if self.saved is not None:
            self.saved.unlink(missing_ok=True)
            self.saved = None


def _live_file(database: Database, source: Path) -> Path:
    file = sqlite_file(database.engine.url)
    if database.backend.name != "sqlite":
        problem = "isn't a SQLite file; restore what pg_dump wrote with psql or pg_restore"
    elif file is None:
        problem = "isn't a file that is named by its path; restore to one, such as sqlite:///app.db"
    elif file.exists() and source.exists() and file.samefile(source):
        raise BackupUnusable(f"{str(source)!r} is the database itself; name a back-up", file=str(source))
    else:
        return file
    raise BackupFailed(f"{database.shown_url} {problem}", file=database.shown_url)


def _passes(error: Exception) -> bool:
    """Tell whether another try may succeed."""
    is_busy = isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _BUSY
    return is_busy or isinstance(error, _NotYet)


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]
