"""Running statements in a transaction: bounded, counted, classified, and none after one that failed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Dialect, Executable, NestedTransaction, Table, event
from sqlalchemy.exc import DBAPIError, StatementError

from storeroom.engine.backend import Backend
from storeroom.engine.classification import driver_error
from storeroom.engine.link import Link
from storeroom.errors import (
    DatabaseError,
    StatementFailed,
    StoreroomError,
    TransactionEnded,
    UnitOfWorkClosed,
    ValueRefused,
    tell,
)
from storeroom.sql.compiled import Compiled
from storeroom.sql.statement import AnyRow, Fetch, Parameters, Statement
from storeroom.sql.values import named, refuse_by_type, refuse_unsendable

T = TypeVar("T")


class Closable(Protocol):
    """A result or a cursor that holds something open."""

    def close(self) -> None:
        """Let go of it."""
        ...


class StatementRunner:
    """Runs statements on a connection, bounds their time, counts them, and classifies their errors.

    After a statement failed, the transaction can only be rolled back, to a savepoint or as a whole: PostgreSQL
    refuses to go on, and SQLite is held to the same, so that what works on one works on the other.
    """

    def __init__(self, link: Link, backend: Backend) -> None:
        self.link = link
        self.driver = link.driver
        self.dialect: Dialect = link.dialect
        self.statements = 0
        self._backend = backend
        self._failure: StoreroomError | None = None
        self._listeners: dict[str, Callable[..., None]] = {}
        self._streams: set[Closable] = set()
        self._has_ended = False

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection."""
        return self.link.connection

    @property
    def is_gone(self) -> bool:
        """Whether the connection was lost, or closed by somebody else."""
        return self.link.is_gone

    def execute(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        """Execute, and return what `fetch` makes of the result; raises the DatabaseError that fits."""
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
        try:
            with self._limited():
                cursor = self.driver.cursor()
                try:
                    cursor.execute(way.text, values)
                    return fetch.fast(way, cursor)
                finally:
                    cursor.close()
        except BaseException as error:
            self._fail(error, getattr(statement.construct, "table", None))
            raise

    def _execute_plainly(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        refuse_unsendable(parameters)
        self.statements += 1
        with self._watched(statement.construct, parameters), self._limited():
            result = self.link.connection.execute(statement.construct, parameters)
            if not self.link.is_plain:
                statement.learn(self.dialect, parameters, result)
            return fetch.plain(result)

    def stream(self, statement: Statement, parameters: Parameters, size: int) -> Iterator[AnyRow]:
        """Execute, and yield the rows, so many at a time; the rows that were read stay valid."""
        construct = statement.construct
        self.check_usable()
        refuse_unsendable(parameters)
        self.statements += 1
        options = {"stream_results": True, "max_row_buffer": size}
        with self._watched(construct, parameters), self._limited():
            refuse_by_type(construct, parameters, self.dialect)
            result = self.connection.execute(construct, parameters, execution_options=options)
        self._streams.add(result)
        try:
            while True:
                with self._watched(construct, parameters), self._limited():
                    rows = result.fetchmany(size)
                if not rows:
                    return
                for row in rows:
                    yield row
                    self.check_usable()
        finally:
            self._streams.discard(result)
            result.close()

    def end(self) -> None:
        """Close what is being streamed, and run nothing more: the transaction is about to end.

        A cursor that stays open would hold SQLite's old state, and would be closed in a later transaction.
        """
        self._has_ended = True
        for result in list(self._streams):
            result.close()

    def on_cursor(self, work: Callable[[Any], T], table: Table | None = None, *, patience: float = 1) -> T:
        """Let `work` run one statement on a cursor of the driver's own; it may take `patience` times as long."""
        self.check_usable()
        self.statements += 1
        with self._watched(None, {}, table), self._limited(patience), closing(self.driver.cursor()) as cursor:
            return work(cursor)

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

    def classify(self, error: DBAPIError, table: Table | None = None) -> DatabaseError:
        """Turn an error that SQLAlchemy wrapped into ours."""
        return self._backend.classify(driver_error(error), table)

    def check_usable(self) -> None:
        """Raise UnitOfWorkClosed at its end, TransactionEnded after a statement failed or the connection was lost."""
        if self._has_ended:
            raise UnitOfWorkClosed("this unit of work is over; read what a statement streams inside its 'with' block")
        if isinstance(self._failure, TransactionEnded):
            raise self._failure
        if self._failure is not None:
            raise TransactionEnded(
                f"an earlier statement of this transaction failed ({self._failure}), so nothing more can be done in "
                "it; let the error pass, or try the statement inside uow.savepoint()"
            ) from self._failure
        if self.is_gone:
            raise TransactionEnded("the connection of this transaction is gone; let the error pass, and run it again")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is inside when it raises, and let the transaction go on."""
        nested = self.begin_nested()
        outer = set(self._streams)
        try:
            yield
            self.check_usable()
        except BaseException:
            # PostgreSQL forgets cursors that began inside; to close one later would end the transaction.
            for result in self._streams - outer:
                result.close()
            self.undo(nested)
            raise
        self.keep(nested)

    def begin_nested(self) -> NestedTransaction:
        """Set a savepoint."""
        self.check_usable()
        with self._classified():
            return self.link.connection.begin_nested()

    def keep(self, nested: NestedTransaction) -> None:
        """Keep what was written since a savepoint; raises TransactionEnded when it is gone."""
        if not nested.is_active:
            raise transaction_ended()
        with self._classified():
            nested.commit()

    def undo(self, nested: NestedTransaction) -> None:
        """Undo what was written since a savepoint; the transaction can go on only when that succeeds."""
        if self.is_gone or not nested.is_active:
            return
        try:
            nested.rollback()
        except DBAPIError as error:
            self._failure = self.classify(error)
        else:
            self._failure = None

    def expose(self) -> Connection:
        """Return the connection for others to use, until `conceal`.

        It refuses commit and rollback before they are sent; and after a statement failed on it, as `execute` does.
        """
        connection = self.link.share()
        if not self._listeners:
            self._listeners = {
                "commit": self._refuse_ending,
                "rollback": self._refuse_ending,
                "before_cursor_execute": self._before_statement,
                "after_cursor_execute": self._after_statement,
                "rollback_savepoint": self._after_undo,
            }
            for name, listener in self._listeners.items():
                event.listen(connection, name, listener)
        return connection

    def conceal(self) -> None:
        """End what `expose` began."""
        listeners, self._listeners = self._listeners, {}
        for name, listener in listeners.items():
            event.remove(self.link.connection, name, listener)

    def _refuse_ending(self, _connection: Connection) -> None:
        self._failure = transaction_ended()
        raise self._failure

    def _before_statement(self, *_arguments: object) -> None:
        self.check_usable()
        # There is no event for a statement that failed on one connection: it is one that doesn't come to its end.
        self._failure = StatementFailed("one that was run on uow.connection or in uow.session")

    def _after_statement(self, *_arguments: object) -> None:
        self._failure = None

    def _after_undo(self, *_arguments: object) -> None:
        self._failure = None

    @contextmanager
    def _classified(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            self._failure = self.classify(error)
            raise self._failure from error.orig


def transaction_ended() -> TransactionEnded:
    """Say that something other than the unit of work has ended its transaction, or tried to."""
    return TransactionEnded(
        "only the unit of work ends its transaction: never commit or roll back uow.connection, nor go on after an "
        "error at the driver's own; use uow.savepoint() for a part that may fail"
    )
