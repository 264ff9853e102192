"""One migration at a time: the lock, polled, on either database."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from storeroom.engine import Database, Mode, Transaction, sqlite_file
from storeroom.errors import Busy, MigrationLockTimeout

T = TypeVar("T")

logger = logging.getLogger("storeroom.migrations")

# Any number, the same in every Storeroom: 'storeroom' in the letters' places, cut to 63 bits.
LOCK_KEY = int.from_bytes(b"storeroo") >> 1

_POLL_SECONDS = (0.02, 0.1)


def begin_locked(database: Database) -> Transaction:
    """Begin the migrating transaction, holding the lock until it ends.

    On SQLite it is the write lock itself, had while nobody runs a step under `locked_autocommit`. On PostgreSQL each
    try is a transaction of its own, so that a process that waits holds nothing that another's concurrent index would
    wait for. Raises MigrationLockTimeout after `migration_lock_timeout`.
    """

    def attempt() -> Transaction | None:
        transaction = _begin(database)
        try:
            if _is_ours(database, transaction):
                return transaction
        except BaseException:
            transaction.rollback()
            raise
        transaction.rollback()
        return None

    return _poll(database, attempt)


def _begin(database: Database) -> Transaction:
    try:
        return database.begin(Mode.MIGRATE)
    except Busy as error:
        raise _timeout(database) from error


def _is_ours(database: Database, transaction: Transaction) -> object:
    if database.backend.name != "sqlite":
        return _scalar(transaction.runner.connection, f"SELECT pg_try_advisory_xact_lock({LOCK_KEY})")
    return no_step_runs(database)


def no_step_runs(database: Database) -> bool:
    """Tell, for who holds the write lock of a SQLite file, whether nobody runs a step under `locked_autocommit`."""
    file = _side_file(database)
    if file is None or not file.exists():
        return True
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as lock:
        return _try_exclusive(lock)


@contextmanager
def locked_autocommit(database: Database) -> Iterator[Connection]:
    """Give out a connection on which each statement is its own transaction, while nobody else migrates.

    On PostgreSQL it holds the session's lock. On SQLite the lock is a second, empty database beside the file, since
    the file's own write lock would keep the step itself from running.
    """
    with database.autocommit() as connection:
        if database.backend.name == "sqlite":
            with _sqlite_side_lock(database, connection):
                yield connection
            return
        _poll(database, lambda: _scalar(connection, f"SELECT pg_try_advisory_lock({LOCK_KEY})") or None)
        try:
            yield connection
        finally:
            _unlock(connection)


def _unlock(connection: Connection) -> None:
    try:
        _scalar(connection, f"SELECT pg_advisory_unlock({LOCK_KEY})")
    except Exception as error:
        # The server frees it with the connection; what was done under it stands.
        logger.warning("the migration lock could not be given back: %s", error)
        connection.invalidate()


@contextmanager
def _sqlite_side_lock(database: Database, connection: Connection) -> Iterator[None]:
    file = _side_file(database)
    if file is None:
        yield
        return
    seconds = database.backend.settings.migration_lock_timeout
    with closing(sqlite3.connect(file, timeout=seconds, isolation_level=None)) as lock:
        if not _try_exclusive(lock):
            raise _timeout(database)
        # Who began before this lock was ours has looked for it already; wait until that is done.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("ROLLBACK")
        yield


def _side_file(database: Database) -> Path | None:
    file = sqlite_file(database.engine.url)
    return None if file is None else file.with_name(f"{file.name}-migrating")


def _try_exclusive(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _poll(database: Database, attempt: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + database.backend.settings.migration_lock_timeout
    while True:
        result = attempt()
        if result is not None:
            return result
        if time.monotonic() >= deadline:
            raise _timeout(database)
        time.sleep(random.uniform(*_POLL_SECONDS))


def _timeout(database: Database) -> MigrationLockTimeout:
    seconds = database.backend.settings.migration_lock_timeout
    return MigrationLockTimeout(
        f"another process held the migration lock of {database.shown_url} for {seconds:g} s; wait for it and try "
        "again, or raise STOREROOM_MIGRATION_LOCK_TIMEOUT"
    )


def _scalar(connection: Connection, query: str) -> object:
    return connection.exec_driver_sql(query).scalar()
