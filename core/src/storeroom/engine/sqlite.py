"""SQLite: pragmas, real transactions at the driver, and errors by their names."""

import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import URL, Engine, QueuePool, Table, create_engine, event

from storeroom.engine.backend import AUTOCOMMIT_REFUSAL, Backend, Mode, closing_unless_ready
from storeroom.engine.classification import describe, unique_constraint
from storeroom.engine.recording import RecordableConnection
from storeroom.engine.url import in_memory
from storeroom.errors import (
    Busy,
    CheckFailed,
    ConfigurationError,
    DatabaseError,
    DatabaseUnavailable,
    Duplicate,
    ForeignKeyMissing,
    NullRefused,
    ReadOnly,
    SerializationConflict,
    StatementFailed,
    Timeout,
)

OLDEST_VERSION = (3, 40)

_JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024

# Virtual machine steps between two looks at the clock: some milliseconds of a busy query.
_STEPS_PER_CHECK = 50_000

_KINDS: dict[str, type[DatabaseError]] = {
    "SQLITE_BUSY": Busy,
    "SQLITE_LOCKED": Busy,
    "SQLITE_BUSY_SNAPSHOT": SerializationConflict,
    "SQLITE_INTERRUPT": Timeout,
    "SQLITE_READONLY": ReadOnly,
    "SQLITE_CONSTRAINT_UNIQUE": Duplicate,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Duplicate,
    "SQLITE_CONSTRAINT_ROWID": Duplicate,
    "SQLITE_CONSTRAINT_FOREIGNKEY": ForeignKeyMissing,
    "SQLITE_CONSTRAINT_CHECK": CheckFailed,
    "SQLITE_CONSTRAINT_NOTNULL": NullRefused,
    "SQLITE_CANTOPEN": DatabaseUnavailable,
    "SQLITE_NOTADB": DatabaseUnavailable,
    "SQLITE_CORRUPT": DatabaseUnavailable,
    "SQLITE_IOERR": DatabaseUnavailable,
    "SQLITE_FULL": DatabaseUnavailable,
}

_CONSTRAINT_SUBJECT = re.compile(r"constraint failed: (?:index '(?P<index>.+)'|(?P<columns>.+))$")


class SQLiteBackend(Backend):
    """SQLite, from 3.40."""

    name = "sqlite"

    # To switch `query_only` lets SQLite prepare every statement of the connection anew, which takes longer than to run
    # a small one.
    separates_readers = True

    def create_engine(self, url: URL) -> Engine:
        # One connection is the whole of a database in memory, so that nothing may be opened beside it.
        single = in_memory(url)
        settings = self.settings
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1 if single else settings.pool_size,
            max_overflow=0 if single else settings.pool_overflow,
            pool_timeout=settings.pool_timeout,
            connect_args={"check_same_thread": False, "timeout": settings.busy_timeout},
            hide_parameters=True,
        )

        @event.listens_for(engine, "connect")
        def prepare(driver: sqlite3.Connection, _record: object) -> None:
            with closing_unless_ready(driver):
                _check_version()
                driver.isolation_level = None
                _use_write_ahead_log(driver, settings.busy_timeout)
                driver.execute(f"PRAGMA synchronous={settings.synchronous}")
                driver.execute("PRAGMA foreign_keys=ON")
                driver.execute(f"PRAGMA journal_size_limit={_JOURNAL_SIZE_LIMIT}")

        return engine

    def make_reader(self, driver: sqlite3.Connection) -> None:
        with closing_unless_ready(driver):
            driver.execute("PRAGMA query_only=ON")

    def borrow(self, driver: sqlite3.Connection) -> Callable[[], None]:
        _check_version()
        if driver.in_transaction:
            driver.rollback()  # an engine of the program's may begin by itself; nothing ran in it yet
        isolation_level = driver.isolation_level
        pragmas = {name: _pragma(driver, name) for name in ("foreign_keys", "busy_timeout", "query_only")}
        driver.isolation_level = None
        driver.execute("PRAGMA foreign_keys=ON")
        self._wait(driver, self.settings.busy_timeout)

        def give_back() -> None:
            for name, value in pragmas.items():
                driver.execute(f"PRAGMA {name}={value}")
            driver.isolation_level = isolation_level

        return give_back

    def begin(self, driver: sqlite3.Connection, mode: Mode) -> None:
        try:
            if mode is Mode.READ:
                driver.execute("PRAGMA query_only=ON")
            if mode in (Mode.READ, Mode.READER):
                driver.execute("BEGIN")
                return
            if mode is Mode.MIGRATE:
                # Batch mode drops and renames tables, which would delete child rows; a no-op inside a transaction.
                driver.execute("PRAGMA foreign_keys=OFF")
                self._wait(driver, self.settings.migration_lock_timeout)
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            self.finish(driver, mode)
            raise

    def finish(self, driver: sqlite3.Connection, mode: Mode) -> None:
        if mode is Mode.READ:
            driver.execute("PRAGMA query_only=OFF")
        elif mode is Mode.MIGRATE:
            driver.execute("PRAGMA foreign_keys=ON")
            self._wait(driver, self.settings.busy_timeout)

    def in_transaction(self, driver: sqlite3.Connection) -> bool:
        return driver.in_transaction

    def transaction_id(self, driver: sqlite3.Connection) -> None:
        """Nothing to ask for: SQLite's authorizer keeps a revision from ending the transaction."""

    def join(self, driver: sqlite3.Connection) -> Callable[[], object] | None:
        foreign_keys = _pragma(driver, "foreign_keys")
        if driver.in_transaction:
            if not foreign_keys:
                raise ConfigurationError(
                    "the connection's transaction began with foreign keys off, which SQLite can't change inside it; "
                    "bind before its first write, or run PRAGMA foreign_keys=ON when it connects"
                )
            return None
        if driver.isolation_level is None:
            raise ConfigurationError(AUTOCOMMIT_REFUSAL)
        put_back = partial(driver.execute, f"PRAGMA foreign_keys={foreign_keys}")
        # The driver begins at the first write only; a savepoint outside a transaction would commit on release.
        driver.execute("PRAGMA foreign_keys=ON")
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            put_back()
            raise
        return None if foreign_keys else put_back

    def classify(self, error: BaseException, table: Table | None = None) -> DatabaseError:
        text = str(error)
        name = getattr(error, "sqlite_errorname", None)
        kind = _kind(name)
        match = _CONSTRAINT_SUBJECT.search(text)
        if match is None:
            return describe(kind, text, code=name)
        if kind is CheckFailed:
            return describe(kind, text, code=name, constraint=match["columns"], table=getattr(table, "name", None))
        index, columns, owner = match["index"], [], None
        if index is None:
            qualified = [part.strip().rpartition(".") for part in match["columns"].split(",")]
            columns, owner = [column for _, _, column in qualified], qualified[0][0]
            if kind is Duplicate and table is not None and table.name == owner:
                index = unique_constraint(table, columns)
        return describe(kind, text, code=name, constraint=index, table=owner, columns=tuple(columns))

    @contextmanager
    def limit(self, driver: sqlite3.Connection, seconds: float) -> Iterator[None]:
        if not seconds:
            yield
            return
        _start_clock(driver, seconds)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)

    def start_clock(self, driver: sqlite3.Connection) -> None:
        if self.settings.statement_timeout:
            _start_clock(driver, self.settings.statement_timeout)

    def stop_clock(self, driver: sqlite3.Connection) -> None:
        driver.set_progress_handler(None, 0)

    def open_cursor(self, driver: sqlite3.Connection, text: str, values: Any) -> sqlite3.Cursor:
        return driver.execute(text, values)

    def make_recordable(self, engine: Engine) -> None:
        def connect(_dialect: object, _record: object, _args: object, options: dict[str, Any]) -> None:
            options["factory"] = RecordableConnection

        event.listen(engine, "do_connect", connect)

    @contextmanager
    def recording(self, driver: sqlite3.Connection, note: Callable[[str], object]) -> Iterator[None]:
        if not isinstance(driver, RecordableConnection):
            raise TypeError(f"{driver!r} can't be recorded; call make_recordable before it is made")
        driver.note = note
        try:
            yield
        finally:
            driver.note = None

    def _wait(self, driver: sqlite3.Connection, seconds: float) -> None:
        driver.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def _start_clock(driver: sqlite3.Connection, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_PER_CHECK)


def _kind(name: str | None) -> type[DatabaseError]:
    """Find the class of SQLite's error name: the extended one, else the primary one before it."""
    while name:
        if name in _KINDS:
            return _KINDS[name]
        name = name.rpartition("_")[0]
    return StatementFailed


def _pragma(driver: sqlite3.Connection, name: str) -> Any:
    return driver.execute(f"PRAGMA {name}").fetchone()[0]


def _check_version() -> None:
    if sqlite3.sqlite_version_info < OLDEST_VERSION:
        raise ConfigurationError(
            f"SQLite {sqlite3.sqlite_version} is too old; Storeroom needs {'.'.join(map(str, OLDEST_VERSION))} or "
            "newer, so use a Python that is built with one"
        )


def _use_write_ahead_log(driver: sqlite3.Connection, seconds: float) -> None:
    """Switch to WAL, waiting for others that do so too: this pragma ignores the busy timeout on a new file."""
    if _pragma(driver, "journal_mode") in ("wal", "memory"):
        return
    deadline = time.monotonic() + seconds
    while True:
        try:
            driver.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            kind = _kind(error.sqlite_errorname)
            if kind is ReadOnly:
                return
            if kind is not Busy:
                raise
            if time.monotonic() >= deadline:
                return  # a later connection finds the file free; until then it works in the mode that it has
            time.sleep(random.uniform(0.001, 0.01))
