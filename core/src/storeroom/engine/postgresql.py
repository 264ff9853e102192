"""PostgreSQL by psycopg 3: one round trip to begin, limits inside the transaction, errors by SQLSTATE."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from math import ceil
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import URL, Engine, QueuePool, Table, create_engine, event
from sqlalchemy.exc import DisconnectionError

from storeroom.decoding import read_document
from storeroom.engine.backend import AUTOCOMMIT_REFUSAL, Backend, Mode, closing_unless_ready
from storeroom.engine.classification import constraint_columns, describe
from storeroom.engine.parking import IDLE_SINCE
from storeroom.errors import (
    Busy,
    CheckFailed,
    ConfigurationError,
    ConnectionLost,
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
from storeroom.settings import Settings

OLDEST_VERSION = 140000

# A migration that waits for its lock makes every later reader of the table wait behind it.
MIGRATION_LOCK_TIMEOUT = 3.0

# Of the cursors on the server, whose names no two of a connection may share.
_numbers = count()

_KINDS: dict[str, type[DatabaseError]] = {
    "40001": SerializationConflict,
    "40P01": SerializationConflict,
    "55P03": Busy,
    "57014": Timeout,
    "25006": ReadOnly,
    "23505": Duplicate,
    "23P01": Duplicate,
    "23503": ForeignKeyMissing,
    "23001": ForeignKeyMissing,
    "23514": CheckFailed,
    "23502": NullRefused,
    "57P01": ConnectionLost,
    "57P02": ConnectionLost,
    "57P05": ConnectionLost,
    "25P03": ConnectionLost,
    "25P04": ConnectionLost,
    "57P03": DatabaseUnavailable,
    "53300": DatabaseUnavailable,
    "3D000": DatabaseUnavailable,
}
_KINDS_BY_CLASS: dict[str, type[DatabaseError]] = {"08": ConnectionLost, "28": DatabaseUnavailable}


class PostgreSQLBackend(Backend):
    """PostgreSQL, from 14."""

    name = "postgresql"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        limits = _limits(settings.lock_timeout, settings.statement_timeout)
        self._begin = {
            Mode.READ: f"BEGIN READ ONLY; {limits}".encode(),
            Mode.WRITE: f"BEGIN READ WRITE; {limits}".encode(),
            Mode.MIGRATE: f"BEGIN READ WRITE; {_limits(MIGRATION_LOCK_TIMEOUT, 0)}".encode(),
        }

    def create_engine(self, url: URL) -> Engine:
        settings = self.settings
        connect_args: dict[str, Any] = {} if settings.prepared_statements else {"prepare_threshold": None}
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
            pool_timeout=settings.pool_timeout,
            connect_args=connect_args,
            hide_parameters=True,
            json_deserializer=read_document,
        )

        @event.listens_for(engine, "connect")
        def prepare(driver: psycopg.Connection[Any], _record: object) -> None:
            with closing_unless_ready(driver):
                _check_version(driver)
                driver.autocommit = True  # or psycopg would send a BEGIN of its own before ours
                # Times come as they are meant, where to convert each takes longer than to read it. A pooler that gives
                # each transaction another connection keeps this setting for its clients, as it does no other.
                if driver.info.parameter_status("TimeZone") != "UTC":
                    driver.execute("SET TimeZone TO 'UTC'", prepare=False)

        @event.listens_for(engine, "checkin")
        def stamp(_driver: object, record: Any) -> None:
            record.info[IDLE_SINCE] = time.monotonic()

        @event.listens_for(engine, "checkout")
        def ping(driver: psycopg.Connection[Any], record: Any, _proxy: object) -> None:
            idle_since = record.info.get(IDLE_SINCE)
            if idle_since is not None and time.monotonic() - idle_since > settings.idle_check:
                try:
                    driver.execute("SELECT 1", prepare=False)
                except psycopg.Error as error:
                    raise DisconnectionError("the connection was lost while it was idle") from error

        return engine

    @property
    def idle_check(self) -> float:
        return self.settings.idle_check

    def borrow(self, driver: psycopg.Connection[Any]) -> Callable[[], None]:
        _check_version(driver)
        if driver.info.transaction_status is not TransactionStatus.IDLE:
            driver.rollback()  # an engine of the program's may begin by itself; nothing ran in it yet
        autocommit = driver.autocommit
        driver.autocommit = True

        def give_back() -> None:
            driver.autocommit = autocommit

        return give_back

    def begin(self, driver: psycopg.Connection[Any], mode: Mode) -> None:
        # As psycopg sends a BEGIN of its own, without a cursor, which costs as much again.
        driver.pgconn.send_query(self._begin[mode])
        for result in driver.wait(execute(driver.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result, encoding=driver.info.encoding)

    def finish(self, driver: psycopg.Connection[Any], mode: Mode) -> None:
        """Nothing: all limits were SET LOCAL."""

    def in_transaction(self, driver: psycopg.Connection[Any]) -> bool:
        return driver.info.transaction_status is TransactionStatus.INTRANS

    def transaction_id(self, driver: psycopg.Connection[Any]) -> object:
        row = driver.execute("SELECT pg_current_xact_id()::text").fetchone()
        return row[0] if row else None

    def join(self, driver: psycopg.Connection[Any]) -> None:
        if driver.autocommit and driver.info.transaction_status is TransactionStatus.IDLE:
            raise ConfigurationError(AUTOCOMMIT_REFUSAL)

    @contextmanager
    def limit(self, driver: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
        usual = self.settings.statement_timeout
        if seconds == usual:  # which `begin` has set
            yield
            return
        # The program may have set a limit of its own, for this transaction or for one that was joined.
        longer = f"'{ceil(seconds * 1000)}ms'"
        present = "current_setting('statement_timeout')"
        row = driver.execute(
            f"SELECT {present}, CASE WHEN {present} <> '0' AND {present}::interval < {longer}::interval "
            f"THEN set_config('statement_timeout', {longer}, true) END",
            prepare=False,
        ).fetchone()
        yield
        driver.execute("SELECT set_config('statement_timeout', %s, true)", [row[0] if row else "0"], prepare=False)

    def open_cursor(self, driver: psycopg.Connection[Any], text: str, values: Any) -> Any:
        cursor = driver.cursor(name=f"storeroom_{next(_numbers)}")
        try:
            return cursor.execute(text, values)
        except BaseException:
            cursor.close()
            raise

    def make_recordable(self, engine: Engine) -> None:
        """Nothing: each connection can be."""

    @contextmanager
    def recording(self, driver: psycopg.Connection[Any], note: Callable[[str], object]) -> Iterator[None]:
        written_out = psycopg.ClientCursor(driver)

        class RecordingCursor(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                note(written_out.mogrify(query, params))
                return super().execute(query, params, **options)

            def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
                rows = list(params_seq)
                for row in rows:
                    note(written_out.mogrify(query, row))
                super().executemany(query, rows, **options)

            def copy(self, statement: Any, params: Any = None, **options: Any) -> Any:
                note(written_out.mogrify(statement, params))
                return super().copy(statement, params, **options)

        plain = driver.cursor_factory
        driver.cursor_factory = RecordingCursor
        try:
            yield
        finally:
            driver.cursor_factory = plain

    def classify(self, error: BaseException, table: Table | None = None) -> DatabaseError:
        if not isinstance(error, psycopg.Error):
            return describe(StatementFailed, str(error))
        code = error.sqlstate
        if code is None:
            # Without a state the server didn't answer: the connection broke, or was never made.
            lost = isinstance(error, psycopg.OperationalError)
            return describe(ConnectionLost if lost else StatementFailed, str(error))
        kind = _KINDS.get(code) or _KINDS_BY_CLASS.get(code[:2], StatementFailed)
        diagnosis = error.diag
        facts: dict[str, object] = {"code": code}
        if code.startswith("23"):
            # Its details show the row, secrets and all, to whoever sees the chain of errors; `diag` has them still.
            error.args = (diagnosis.message_primary,)
            named = diagnosis.column_name
            columns = (named,) if named else constraint_columns(table, diagnosis.constraint_name)
            facts |= {"constraint": diagnosis.constraint_name, "table": diagnosis.table_name, "columns": columns}
        return describe(kind, diagnosis.message_primary or str(error), **facts)


def _limits(lock: float, statement: float) -> str:
    # PostgreSQL takes 0 for no limit: no waiting is one millisecond, the least that can be said.
    return (
        f"SET LOCAL lock_timeout = {max(1, ceil(lock * 1000))}; SET LOCAL statement_timeout = {ceil(statement * 1000)}"
    )


def _check_version(driver: psycopg.Connection[Any]) -> None:
    installed = driver.info.server_version
    if installed < OLDEST_VERSION:
        raise ConfigurationError(
            f"PostgreSQL {installed // 10000} is too old; Storeroom needs {OLDEST_VERSION // 10000} or newer"
        )
