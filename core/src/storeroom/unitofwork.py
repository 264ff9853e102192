"""`UnitOfWork`: one transaction and the repositories bound to it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, overload

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storeroom.engine import Database, TransactionLike
from storeroom.errors import HookFailed, TransactionEnded, UnitOfWorkClosed, UnitOfWorkNested, tell
from storeroom.registry import Registry, hook_failed
from storeroom.repository import BaseRepository
from storeroom.results import HookResults
from storeroom.sql.fetch import Batch, Fetch
from storeroom.sql.statement import Parameters, Statement

T = TypeVar("T")
RepositoryT = TypeVar("RepositoryT", bound=BaseRepository)

# Per context and not per thread: web frameworks enter and leave a unit of work on different threads.
_open: ContextVar[tuple["UnitOfWork", ...]] = ContextVar("storeroom_units_of_work", default=())


class UnitOfWork:
    """One transaction: begun on entering, committed on leaving, rolled back when an error passes.

    `uow[JobRepository]` is that repository, bound to this transaction; `uow["jobs"]` looks it up by name. After a
    statement failed, nothing more can be done in it, on either database: let the error pass, or use `savepoint`.
    It serves one task at a time, and is made by `Storeroom.write`, `read` and `bind`.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        begin: Callable[[], TransactionLike],
        *,
        writes: bool,
        joins: bool = False,
    ) -> None:
        self._database = database
        self._registry = registry
        self._begin = begin
        self._writes = writes
        self._joins = joins
        self._pid = 0
        self._transaction: TransactionLike | None = None
        self._repositories: dict[type[BaseRepository], BaseRepository] = {}
        self._session: Session | None = None

    def __enter__(self) -> Self:
        if self._transaction is not None:
            raise UnitOfWorkNested("this unit of work is open already; open another with room.write() or room.read()")
        outer = _still_open()
        if outer and not self._joins:
            self._refuse_nesting(outer)
        self._pid = os.getpid()
        self._transaction = self._begin()
        _open.set((*outer, self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        transaction, self._transaction = self._active, None
        # Not reset by token, which would fail where another context leaves than has entered.
        _open.set(_still_open())
        self._repositories.clear()
        if error is None:
            try:
                self._close_session(keep=True)
            except BaseException as failure:
                transaction.rollback()
                _raise_if_classified(failure, transaction)
                raise
            transaction.commit()
            return False
        try:
            self._close_session(keep=False)
        finally:
            transaction.rollback()
        _raise_if_classified(error, transaction)
        return False

    @overload
    def __getitem__(self, key: type[RepositoryT]) -> RepositoryT: ...
    @overload
    def __getitem__(self, key: str) -> BaseRepository: ...
    def __getitem__(self, key: type[RepositoryT] | str) -> RepositoryT | BaseRepository:
        """Return a repository by its class, or by its name; raises RepositoryMissing with what to install."""
        bound = self._repositories.get(key) if isinstance(key, type) else None
        if bound is None:
            repository = self._registry.resolve(key)
            bound = self._repositories.setdefault(repository, repository(self))
        return bound

    def call(self, hook: str, /, **arguments: Any) -> HookResults:
        """Call a hook's implementations in this transaction, one plugin at a time, with `uow` and the arguments.

        What one that raises has written is undone, and the others' results stand. None is no result. Raises HookUnknown
        for a hook that nobody specifies, or arguments that aren't those of its specification.
        """
        self._registry.hooks.check(hook, ["uow", *arguments])
        self._active.runner.check_usable()
        results: dict[str, Any] = {}
        errors: list[HookFailed] = []
        for plugin, implementation in self._registry.hooks.implementations(hook):
            try:
                with self.savepoint():
                    result = implementation(uow=self, **arguments)
            except HookFailed as error:
                errors.append(error)
            except TransactionEnded as error:  # of a statement whose failure the hook kept silent
                errors.append(hook_failed(plugin, hook, f"ended with {tell(error)}"))
            else:
                if result is not None:
                    results[plugin] = result
        return HookResults(results, errors)

    @property
    def is_open(self) -> bool:
        """Whether its transaction is running, in this process."""
        return self._transaction is not None and self._pid == os.getpid()

    @property
    def writes(self) -> bool:
        """Whether it may write; the database refuses writes in one that may not."""
        return self._writes

    @property
    def statements(self) -> int:
        """How many statements its repositories have run."""
        return self._active.runner.statements

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect of the database."""
        return self._active.runner.dialect

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's Connection in this transaction, for what repositories don't offer. Never commit it."""
        return self._active.expose()

    @property
    def session(self) -> Session:
        """A SQLAlchemy Session in this transaction; flushed on leaving. Its rollback undoes its own work only."""
        if self._session is None:
            self._session = Session(self.connection, join_transaction_mode="create_savepoint")
        return self._session

    def execute(self, statement: Statement, parameters: Parameters, fetch: Fetch[T]) -> T:
        """Run a statement in the transaction; its own methods call this."""
        return self._active.runner.execute(statement, parameters, fetch)

    def stream(self, statement: Statement, parameters: Parameters, size: int, batch: Batch[T]) -> Iterator[T]:
        """Run a statement in the transaction and yield what is made of its rows; its own methods call this."""
        return self._active.runner.stream(statement, parameters, size, batch)

    def on_cursor(self, work: Callable[[Any], T], table: Table | None = None, *, patience: float = 1) -> T:
        """Let `work` run one statement on the driver's own cursor; the bulk verbs call it."""
        return self._active.runner.on_cursor(work, table, patience=patience)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a part that may fail: what it wrote is undone when it raises, and the unit of work can go on."""
        if self._session is not None:
            self._session.connection()  # so that the session's own savepoint, and what is
            self._session.flush()  # pending in it, are outside of this one
        with self._active.runner.savepoint(), self._session_savepoint():
            yield

    @property
    def _active(self) -> TransactionLike:
        if self._transaction is None:
            raise UnitOfWorkClosed(
                "this unit of work is not open; use it, and its repositories, inside its 'with' block"
            )
        if self._pid != os.getpid():
            raise UnitOfWorkClosed("this unit of work belongs to the process that forked this one; open one of its own")
        return self._transaction

    @contextmanager
    def _session_savepoint(self) -> Iterator[None]:
        """See that the session forgets what a savepoint undoes; one that begins inside ends inside."""
        if self._session is not None:
            with self._session.begin_nested():
                yield
                self._active.runner.check_usable()
            return
        try:
            yield
            self._active.runner.check_usable()
        except BaseException:
            self._close_session(keep=False)
            raise
        self._close_session(keep=True)

    def _close_session(self, *, keep: bool) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            with session:
                if keep:
                    session.commit()  # of its savepoint

    def _refuse_nesting(self, outer: tuple["UnitOfWork", ...]) -> None:
        mine = [uow for uow in outer if uow._database.engine is self._database.engine]
        if self._database.single and mine:
            raise UnitOfWorkNested(
                "a database in memory has one connection, and a unit of work of this task has it; use that one, or a "
                "database file"
            )
        if self._writes and any(uow._writes for uow in mine):
            raise UnitOfWorkNested(
                "a writing unit of work is open in this task, and this one would wait for it for ever; pass the open "
                "one on, or use its savepoint()"
            )


def _still_open() -> tuple[UnitOfWork, ...]:
    """Return the units of work of this context that are open."""
    known = _open.get()
    return tuple(uow for uow in known if uow.is_open) if known else known


def _raise_if_classified(error: BaseException, transaction: TransactionLike) -> None:
    # What went through uow.connection or uow.session comes as SQLAlchemy wrapped it.
    if isinstance(error, DBAPIError):
        raise transaction.runner.classify(error) from error.orig
