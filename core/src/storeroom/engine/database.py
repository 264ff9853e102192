"""`Database`: an engine and its kind, which gives out transactions and survives a fork."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, Pool, PoolProxiedConnection, event

from storeroom.engine.backend import Backend, Mode
from storeroom.engine.opening import missing_folder
from storeroom.engine.parking import Parking
from storeroom.engine.runner import StatementRunner
from storeroom.engine.transaction import JoinedTransaction, Transaction, checkout
from storeroom.engine.url import in_memory, mask, sqlite_file
from storeroom.errors import ConfigurationError, ConnectionLost, DatabaseUnavailable, UnitOfWorkClosed
from storeroom.settings import Settings

logger = logging.getLogger("storeroom.engine")


class Database:
    """Where transactions come from: Storeroom's own engine, or the program's, which is left as it was found."""

    def __init__(self, engine: Engine, backend: Backend, *, borrowed: bool) -> None:
        self.engine = engine
        self.backend = backend
        self.single = in_memory(engine.url)
        """Whether one connection is all there is: a SQLite database in memory."""
        self._borrowed = borrowed
        self._parking = self._make_parking(engine.raw_connection)
        self._readers = self._make_readers()
        self._parked_readers = self._make_parking(self._connect_reader)
        self._pid = os.getpid()
        self._is_closed = False
        self._transactions: WeakSet[Transaction] = WeakSet()
        self._forked_inside = False
        _databases.add(self)

    @classmethod
    def from_url(cls, url: URL, settings: Settings) -> "Database":
        """Make an engine of our own. Raises DatabaseUnavailable when a SQLite file's folder isn't there."""
        file = sqlite_file(url)
        if file is not None and not file.parent.is_dir():
            raise DatabaseUnavailable(missing_folder(file))
        backend = _backend(url.get_backend_name(), settings)
        return cls(backend.create_engine(url), backend, borrowed=False)

    @classmethod
    def from_engine(cls, engine: Engine, settings: Settings) -> "Database":
        """Use the program's engine. Raises ConfigurationError for a driver that Storeroom doesn't know."""
        driver = f"{engine.dialect.name}+{engine.dialect.driver}"
        if driver not in ("sqlite+pysqlite", "postgresql+psycopg") or engine.dialect.is_async:
            raise ConfigurationError(
                f"the engine uses {driver}; make it with sqlite:///… or postgresql+psycopg://…, not asynchronous"
            )
        return cls(engine, _backend(engine.dialect.name, settings), borrowed=True)

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        return mask(self.engine.url)

    def begin(self, mode: Mode) -> Transaction:
        """Begin a transaction on a connection from the pool."""
        self._check_open()
        if self.single and os.getpid() != self._pid:
            raise DatabaseUnavailable(
                "a database in memory belongs to the process that made it; use a file where processes share one"
            )
        if self._forked_inside:
            raise DatabaseUnavailable(
                "this process was forked while a unit of work was open, and SQLite can't tell its locks from the "
                "parent's; fork outside of units of work, or start processes by 'spawn'"
            )
        try:
            transaction = self._transaction(mode)
        except ConnectionLost:
            # Nothing ran yet, so that beginning anew is safe; the pool's other connections are as stale as this one.
            self._dispose()
            transaction = self._transaction(mode)
        self._transactions.add(transaction)
        return transaction

    def _transaction(self, mode: Mode) -> Transaction:
        if self._borrowed:
            return Transaction(self.engine, self.backend, mode, self.engine.raw_connection, borrowed=True)
        parking = self._parking
        if mode is Mode.READ and self._readers is not None:
            mode, parking = Mode.READER, self._parked_readers
        return Transaction(self.engine, self.backend, mode, parking.take, give=parking.give)

    def _make_parking(self, connect: Callable[[], PoolProxiedConnection]) -> Parking:
        most = 0 if self._borrowed or self.single else self.backend.settings.pool_size - 1
        return Parking(connect, most, self.backend.idle_check)

    def _connect_reader(self) -> PoolProxiedConnection:
        return (self._readers or self.engine.pool).connect()

    def _make_readers(self) -> Pool | None:
        """Make a pool of connections for reading only, beside the engine's, where that is faster."""
        may_have_two = self.backend.settings.pool_size > 1
        if self._borrowed or self.single or not self.backend.separates_readers or not may_have_two:
            return None
        readers = self.engine.pool.recreate()
        event.listen(readers, "connect", lambda driver, _record: self.backend.make_reader(driver))
        return readers

    def _dispose(self) -> None:
        self._parking.clear()
        self._parked_readers.clear()
        self.engine.dispose()
        if self._readers is not None:
            self._readers.dispose()
            self._readers = self._readers.recreate()

    @contextmanager
    def reading(self) -> Iterator[StatementRunner]:
        """Give out a reading transaction for the length of a block."""
        transaction = self.begin(Mode.READ)
        try:
            yield transaction.runner
        finally:
            transaction.rollback()

    def join(self, connection: Connection) -> JoinedTransaction:
        """Join the transaction of the program's connection; raises ConfigurationError when it leads elsewhere."""
        self._check_open()
        if connection.dialect.name != self.backend.name or _lead_apart(connection.engine, self.engine):
            raise ConfigurationError(
                f"the connection leads to {mask(connection.engine.url)}, but the room is {self.shown_url}; bind a "
                "connection to the room's own database"
            )
        return JoinedTransaction(connection, self.backend)

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """Give out a connection on which each statement is its own transaction, for what can't run inside one."""
        with self._parking.asking():
            self._parking.clear()
            connection = checkout(self.engine, self.backend, self.engine.connect)
        try:
            connection.begin()  # so that a listener of the program's that begins does so now, before `borrow`
            give_back = self.backend.borrow(connection.connection.driver_connection)
            yield connection
        except BaseException:
            self._discard(connection)
            raise
        try:
            give_back()
        except Exception as error:  # what was done stands; only the connection can't be used again
            logger.warning("a connection could not be given back as it was: %s", error)
            self._discard(connection)
        else:
            connection.close()

    def _discard(self, connection: Connection) -> None:
        if not self.single:  # whose one connection is all there is
            connection.invalidate()
        connection.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise UnitOfWorkClosed("this room is closed; open another")

    def prepare_fork(self) -> None:
        """Before a fork: close what is idle in SQLite's pool.

        The locks on a file are the process's; a child that inherits a connection believes that it has them too, takes
        none, and what it writes is lost when the parent, seeing no lock, removes the log.
        """
        if self.backend.name == "sqlite" and not self.single:
            self._dispose()

    def leave_to_parent(self) -> None:
        """After a fork, in the child: go on with a pool of its own, without a word on the parent's connections."""
        if self.single:
            return
        transactions = [transaction for transaction in self._transactions if not transaction.runner.is_gone]
        for transaction in transactions:
            transaction.leave_to_parent()
        self._forked_inside = self.backend.name == "sqlite" and bool(transactions)
        parked = [*self._parking.leave_to_parent(), *self._parked_readers.leave_to_parent()]
        _inherited.extend([self.engine.pool, self._readers, *transactions, *parked])
        self.engine.dispose(close=False)
        self._readers = None if self._readers is None else self._readers.recreate()

    def close(self) -> None:
        """Close the pool, unless it is the program's; no more transactions begin."""
        self._is_closed = True
        self._parking.close()
        self._parked_readers.close()
        if not self._borrowed:
            self._dispose()


def _lead_apart(one: Engine, other: Engine) -> bool:
    """Tell whether two engines of one kind surely lead to different databases; a host may have many names."""
    if one.pool is other.pool:
        return False
    if one.dialect.name != "sqlite":
        return bool(one.url.database and other.url.database and one.url.database != other.url.database)
    if in_memory(one.url) or in_memory(other.url):
        return True
    file, other_file = sqlite_file(one.url), sqlite_file(other.url)
    return file is not None and other_file is not None and file.resolve() != other_file.resolve()


def _backend(name: str, settings: Settings) -> Backend:
    # Each backend is imported only where it is used: psycopg is an extra, and takes time to import.
    if name == "sqlite":
        from storeroom.engine.sqlite import SQLiteBackend

        return SQLiteBackend(settings)
    from storeroom.engine.postgresql import PostgreSQLBackend

    return PostgreSQLBackend(settings)


_databases: WeakSet[Database] = WeakSet()

# What a child inherited: kept for ever, since collecting it would close the parent's connections.
_inherited: list[object] = []


def _before_fork() -> None:
    for database in list(_databases):
        database.prepare_fork()


def _after_fork() -> None:
    for database in list(_databases):
        database.leave_to_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
