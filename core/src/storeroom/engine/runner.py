"""Running statements in a transaction: bounded, counted, classified, and none after one that failed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Executable, Table
from sqlalchemy.exc import DBAPIError, StatementError

from storeroom.engine.backend import Backend
from storeroom.engine.link import Link
from storeroom.engine.state import TransactionState
from storeroom.engine.watching import Clock, ToldCursor
from storeroom.errors import (
    ValueRefused,
    tell,
)
from storeroom.sql.compiled import Compiled
from storeroom.sql.fetch import Batch, Fetch
from storeroom.sql.statement import Parameters, Statement
from storeroom.sql.values import named, refuse_by_type, refuse_unsendable

T = TypeVar("T")


class StatementRunner(TransactionState):
    """Runs statements on a connection, bounds their time, counts them, and classifies their errors.

    Each goes the fast way, on the driver's cursor, where it is known and nobody looks at SQLAlchemy's connection; else
    the plain one, through SQLAlchemy. Both are told to who listens.
    """

    def __init__(self, link: Link, backend: Backend) -> None:
        super().__init__(link, backend)
        self.statements = 0
        self._sent: str | None = None

    def execute(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        """Execute, and return what `fetch` makes of the result; raises the DatabaseError that fits."""
        if not self._backend.watch.listeners:
            return self._execute(statement, parameters, fetch)
        clock = Clock(self._backend.watch, len(parameters))
        with self._told(clock):
            found = self._execute(statement, parameters, fetch)
            clock.rows = fetch.count(found)
        return found

    @contextmanager
    def _told(self, clock: Clock) -> Iterator[None]:
        self._sent = None
        try:
            with clock:
                yield
        finally:
            clock.text = clock.text or self._sent
            clock.tell()

    def _execute(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        self.check_usable()
        if not self.link.is_plain:
            way = statement.compiled(self.dialect, parameters)
            if way is not None and (way.returns_rows or not fetch.of_rows):
                try:
                    values = way.bind(parameters)
                except Exception:  # noqa: S110  # the plain way refuses the value by its name, or takes it
                    pass
                else:
                    return self._execute_fast(statement, way, values, fetch)
        return self._execute_plainly(statement, parameters, fetch)

    def _execute_fast(self, statement: Statement, way: Compiled, values: Any, fetch: Fetch[T]) -> T:
        self.statements += 1
        driver = self.driver
        try:
            cursor = driver.cursor()
            self._sent = way.text
            self._backend.start_clock(driver)
            try:
                cursor.execute(way.text, values)
                return fetch.fast(way, cursor)
            finally:
                self._backend.stop_clock(driver)
                cursor.close()
        except BaseException as error:
            self._fail(error, getattr(statement.construct, "table", None))
            raise

    def _execute_plainly(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        refuse_unsendable(parameters)
        self.statements += 1
        with self._watched(statement.construct, parameters), self._limited():
            result = self.link.connection.execute(statement.construct, parameters)
            self._sent = result.context.statement
            if not self.link.is_plain:
                statement.learn(self.dialect, parameters, result)
            return fetch.plain(result)

    def stream(self, statement: Statement, parameters: Parameters, size: int, batch: Batch[T]) -> Iterator[T]:
        """Execute, and yield what `batch` makes of the rows, so many at a time; what was read stays valid."""
        rows = self._stream(statement, parameters, size, batch)
        return rows if not self._backend.watch.listeners else self._stream_told(rows, len(parameters))

    def _stream_told(self, rows: Iterator[T], parameters: int) -> Iterator[T]:
        clock = Clock(self._backend.watch, parameters)
        clock.rows = 0
        self._sent = None
        try:
            while True:
                with clock:
                    row = next(rows, None)
                clock.text = clock.text or self._sent
                if row is None:
                    return
                clock.rows += 1
                yield row
        finally:
            clock.text = clock.text or self._sent
            clock.tell()

    def _stream(self, statement: Statement, parameters: Parameters, size: int, batch: Batch[T]) -> Iterator[T]:
        self.check_usable()
        if not self.link.is_plain:
            way = statement.compiled(self.dialect, parameters)
            if way is not None and way.returns_rows:
                try:
                    values = way.bind(parameters)
                except Exception:  # noqa: S110  # as in execute
                    pass
                else:
                    yield from self._stream_fast(way, values, size, batch)
                    return
        yield from self._stream_plainly(statement, parameters, size, batch)

    def _stream_fast(self, way: Compiled, values: Any, size: int, batch: Batch[T]) -> Iterator[T]:
        self.statements += 1
        try:
            with self._limited():
                self._sent = way.text
                cursor = self._backend.open_cursor(self.driver, way.text, values)
        except BaseException as error:
            self._fail(error, None)
            raise
        self._streams.add(cursor)
        try:
            while True:
                try:
                    with self._limited():
                        found = cursor.fetchmany(size)
                except BaseException as error:
                    self._fail(error, None)
                    raise
                if not found:
                    return
                yield from self._while_usable(batch.fast(way, found))
        finally:
            self._let_go(cursor)

    def _while_usable(self, rows: Sequence[T]) -> Iterator[T]:
        for row in rows:
            yield row
            if self._has_ended or self._failure is not None:
                self.check_usable()
        self.check_usable()

    def _stream_plainly(self, statement: Statement, parameters: Parameters, size: int, batch: Batch[T]) -> Iterator[T]:
        construct = statement.construct
        refuse_unsendable(parameters)
        self.statements += 1
        options = {"stream_results": True, "max_row_buffer": size}
        with self._watched(construct, parameters), self._limited():
            refuse_by_type(construct, parameters, self.dialect)
            result = self.link.connection.execute(construct, parameters, execution_options=options)
            self._sent = result.context.statement
            if not self.link.is_plain:
                statement.learn(self.dialect, parameters, result)
        self._streams.add(result)
        try:
            while True:
                with self._watched(construct, parameters), self._limited():
                    rows = result.fetchmany(size)
                if not rows:
                    return
                yield from self._while_usable(batch.plain(rows))
        finally:
            self._let_go(result)

    def on_cursor(self, work: Callable[[Any], T], table: Table | None = None, *, patience: float = 1) -> T:
        """Let `work` run one statement on a cursor of the driver's own; it may take `patience` times as long."""
        self.check_usable()
        self.statements += 1
        with self._watched(None, {}, table), self._limited(patience), closing(self.driver.cursor()) as cursor:
            if not self._backend.watch.listeners:
                return work(cursor)
            clock = Clock(self._backend.watch, 0)
            told = ToldCursor(cursor, clock)
            with self._told(clock):
                found = work(told)
                told.note_rows()
            return found

    @contextmanager
    def _watched(
        self, construct: Executable | None, parameters: Parameters, table: Table | None = None
    ) -> Iterator[None]:
        """Classify the error of a statement; after one that reached the database, the transaction can't go on."""
        table = getattr(construct, "table", None) if table is None else table
        try:
            yield
        except ValueRefused as error:
            if construct is None:
                raise
            self.statements -= 1  # which wasn't sent
            raise named(error, construct, parameters, self.dialect) from None
        except DBAPIError as error:
            self._sent = error.statement
            self._failure = self.classify(error, table)
            raise self._failure from error.orig
        except StatementError as error:  # of a type of SQLAlchemy's or a plugin's own, before anything was sent
            self.statements -= 1
            if isinstance(error.orig, ValueRefused) and construct is not None:
                raise named(error.orig, construct, parameters, self.dialect) from None
            if not isinstance(error.orig, TypeError | ValueError):
                raise
            raise ValueRefused(f"a value can't be sent to the database: {tell(error.orig)}; use another") from error
        except (OverflowError, UnicodeError) as error:
            self._fail(error, table)
        except self.dialect.loaded_dbapi.Error as error:  # of the driver's own cursor, which nobody wrapped
            self._fail(error, table)

    def _fail(self, error: BaseException, table: Table | None) -> None:
        """Raise what fits an error at the driver's own cursor, which nobody wrapped; return for one that passes.

        A connection that was lost, or was left in the middle of a statement, is thrown away, as SQLAlchemy does.
        """
        if isinstance(error, self.dialect.loaded_dbapi.Error):
            self._failure = self._backend.classify(error, table)
            if self.dialect.is_disconnect(error, self.driver, None):
                self.link.invalidate()
        elif isinstance(error, OverflowError | UnicodeError):  # of a driver that can't even send the value
            self._failure = ValueRefused(
                f"a value can't be sent to the database: {tell(error)}; use a smaller or valid one"
            )
        else:
            if not isinstance(error, Exception):
                self.link.invalidate()
            return
        raise self._failure from error

    def _limited(self, patience: float = 1) -> AbstractContextManager[None]:
        return self._backend.limit(self.driver, self._backend.settings.statement_timeout * patience)
