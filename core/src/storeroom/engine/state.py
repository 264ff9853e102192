"""What a transaction may still do: nothing after a statement that failed, but for a savepoint that undoes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from sqlalchemy import Connection, Dialect, NestedTransaction, Table, event
from sqlalchemy.exc import DBAPIError

from storeroom.engine.backend import Backend
from storeroom.engine.classification import driver_error
from storeroom.engine.link import Link
from storeroom.errors import DatabaseError, StatementFailed, StoreroomError, TransactionEnded, UnitOfWorkClosed


class Closable(Protocol):
    """A result or a cursor that holds something open."""

    def close(self) -> None:
        """Let go of it."""
        ...


class TransactionState:
    """Whether a transaction can go on, its savepoints, and what of it is open or lent to others.

    After a statement failed, the transaction can only be rolled back, to a savepoint or as a whole: PostgreSQL
    refuses to go on, and SQLite is held to the same, so that what works on one works on the other.
    """

    def __init__(self, link: Link, backend: Backend) -> None:
        self.link = link
        self.driver = link.driver
        self.dialect: Dialect = link.dialect
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

    def end(self) -> None:
        """Close what is being streamed, and run nothing more: the transaction is about to end.

        A cursor that stays open would hold SQLite's old state, and would be closed in a later transaction.
        """
        self._has_ended = True
        for stream in list(self._streams):
            self._let_go(stream)

    def _let_go(self, stream: Closable) -> None:
        self._streams.discard(stream)
        with suppress(self.dialect.loaded_dbapi.Error):  # of a connection that is gone, which the next step tells
            stream.close()

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
            for stream in self._streams - outer:
                self._let_go(stream)
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
        if not self._listeners:
            return
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
