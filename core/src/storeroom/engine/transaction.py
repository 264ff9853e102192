"""One transaction on one connection: begun at the driver, ended once, its connection given back as it was."""

from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeVar

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storeroom.engine.backend import Backend, Mode
from storeroom.engine.classification import describe, describe_opening, driver_error
from storeroom.engine.link import Link
from storeroom.engine.opening import opening_cure
from storeroom.engine.runner import StatementRunner
from storeroom.engine.state import transaction_ended
from storeroom.engine.url import mask
from storeroom.errors import (
    ConnectionLost,
    DatabaseUnavailable,
    OutcomeUnknown,
    ReadOnly,
    StatementFailed,
    Timeout,
    UnitOfWorkNested,
)

T = TypeVar("T")

# In a pooled connection's info: what puts it back as it was when it returns to its pool.
_PUT_BACK = "storeroom_put_back"


class TransactionLike(Protocol):
    """What a unit of work needs of its transaction."""

    @property
    def runner(self) -> StatementRunner:
        """Runs statements in the transaction."""
        ...

    def expose(self) -> Connection:
        """Return SQLAlchemy's connection, for others to use."""
        ...

    def commit(self) -> None:
        """End it and keep what was written; after an error it is rolled back."""
        ...

    def rollback(self) -> None:
        """End it and undo what was written."""
        ...


class Transaction:
    """A transaction of our own, on a connection from the pool. It has begun when it exists."""

    def __init__(
        self,
        engine: Engine,
        backend: Backend,
        mode: Mode,
        take: Callable[[], PoolProxiedConnection],
        *,
        give: Callable[[PoolProxiedConnection], object] | None = None,
        borrowed: bool = False,
    ) -> None:
        self._backend = backend
        self._mode = mode
        self._give_back: Callable[[], None] | None = None
        self._is_put_back = False
        self._link = link = Link(engine, checkout(engine, backend, take), give)
        self._driver = link.driver
        self.runner = StatementRunner(link, backend)
        if borrowed and backend.in_transaction(self._driver):
            link.close()
            raise UnitOfWorkNested(
                "the engine gave out a connection that is in the middle of a transaction, as one in memory does; "
                "finish that first, bind its connection with room.bind(), or use a database file"
            )
        try:
            link.attach_if_watched()
            if borrowed:
                self._give_back = backend.borrow(self._driver)
            backend.begin(self._driver, mode)
        except BaseException as error:
            self._abandon()
            _raise_classified(error, engine, backend)

    def expose(self) -> Connection:
        """Return SQLAlchemy's connection; it comes back as it was even when others close it."""
        connection = self.runner.expose()
        _put_back_at_checkin(connection, self._put_back)
        return connection

    def commit(self) -> None:
        """Commit; raises TransactionEnded when it was ended before, OutcomeUnknown when the answer got lost."""
        try:
            self.runner.check_usable()
            root = self._link.root
            if not ((root is None or root.is_active) and self._backend.in_transaction(self._driver)):
                raise transaction_ended()
            self.runner.conceal()
            self.runner.end()
            (root or self._driver).commit()
        except BaseException as error:
            cause = driver_error(error)
            failure = self._backend.classify(cause) if isinstance(cause, self._dbapi_error) else None
            self.rollback()
            if failure is None:
                raise
            if isinstance(failure, ConnectionLost) and self._mode not in (Mode.READ, Mode.READER):
                raise OutcomeUnknown(
                    f"the connection was lost during the commit ({cause}): look whether it was written before "
                    "running it again",
                    code=failure.code,
                ) from cause
            raise failure from cause
        self._release()

    def rollback(self) -> None:
        """Roll back; a broken connection is thrown away, which rolls back as well."""
        self.runner.conceal()
        self.runner.end()
        if self.runner.is_gone:
            self._abandon()
            return
        try:
            root = self._link.root
            if root is not None and root.is_active:
                root.rollback()
            self._driver.rollback()  # where SQLAlchemy's transaction was ended before the driver's
        except BaseException as error:
            self._abandon()
            if not isinstance(error, Exception):
                raise
        else:
            self._release()

    def leave_to_parent(self) -> None:
        """After a fork, in the child: let go of the connection without a word to the database."""
        self._link.detach()

    def _release(self) -> None:
        try:
            self._put_back()
        except BaseException as error:
            self._abandon()
            if not isinstance(error, Exception):
                raise
        else:
            self._link.close()

    @property
    def _dbapi_error(self) -> type[Exception]:
        return self._link.dialect.loaded_dbapi.Error

    def _put_back(self) -> None:
        if not self._is_put_back:
            self._is_put_back = True
            self._backend.finish(self._driver, self._mode)
            if self._give_back is not None:
                self._give_back()

    def _abandon(self) -> None:
        # A connection in an unknown state must not come back to the pool.
        self._is_put_back = True
        try:
            self._link.invalidate()
        finally:
            self._link.close()


class JoinedTransaction:
    """Somebody else's transaction, which a unit of work joins: inside a savepoint, never ending it."""

    def __init__(self, connection: Connection, backend: Backend) -> None:
        self.runner = StatementRunner(Link.to(connection), backend)
        begun = None if connection.in_transaction() else connection.begin()
        try:
            put_back = backend.join(self.runner.driver)
            if put_back is not None:
                _put_back_at_checkin(connection, put_back)
            self._nested = self.runner.begin_nested()
        except BaseException as error:
            if begun is not None:
                begun.rollback()
            _raise_classified(error, connection.engine, backend)

    def expose(self) -> Connection:
        """Return the connection that was joined."""
        return self.runner.expose()

    def commit(self) -> None:
        """Keep what was written, as a part of the transaction that was joined."""
        try:
            self.runner.check_usable()
            self.runner.conceal()
            self.runner.end()
            self.runner.keep(self._nested)
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Undo what the unit of work wrote, and leave the transaction as it found it."""
        self.runner.conceal()
        self.runner.end()
        self.runner.undo(self._nested)


def checkout(engine: Engine, backend: Backend, take: Callable[[], T]) -> T:
    """Take a connection from a pool; raises Timeout when none is free, DatabaseUnavailable when none can be made."""
    try:
        return take()
    except PoolTimeoutError as error:
        raise Timeout(
            "no connection of the pool became free in time; close units of work sooner, or allow more connections "
            "with STOREROOM_POOL_SIZE, for the program's own engine with pool_size"
        ) from error
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        cause = driver_error(error)
        failure = backend.classify(cause)
        unavailable = isinstance(failure, ConnectionLost | StatementFailed)
        kind = DatabaseUnavailable if unavailable else type(failure)
        text = f"{mask(engine.url.set(query={}))}: {cause}"
        if kind not in (DatabaseUnavailable, ReadOnly):
            raise describe(kind, text, code=failure.code) from cause
        raise describe_opening(kind, text, opening_cure(engine.url, cause), failure.code) from cause
    except SQLAlchemyError as error:
        raise DatabaseUnavailable(f"the database can't be opened: {error}; check the URL and the server") from error


def _raise_classified(error: BaseException, engine: Engine, backend: Backend) -> NoReturn:
    """Raise ours for a driver's error, wrapped by SQLAlchemy or not; any other as it is."""
    cause = driver_error(error)
    if isinstance(cause, engine.dialect.loaded_dbapi.Error):
        raise backend.classify(cause) from cause
    raise error


def _put_back_at_checkin(connection: Connection, put_back: Callable[[], object]) -> None:
    connection.info[_PUT_BACK] = put_back
    pool = connection.engine.pool
    if not event.contains(pool, "checkin", _on_checkin):
        event.listen(pool, "checkin", _on_checkin)


def _on_checkin(driver: object | None, record: Any) -> None:
    put_back = record.info.pop(_PUT_BACK, None)
    if put_back is not None and driver is not None:
        try:
            put_back()
        except Exception as error:
            record.invalidate(error)
