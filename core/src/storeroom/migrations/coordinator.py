"""The coordinator: runs revisions up or down under one lock, in one transaction, with the ledger's rows in it."""

import logging
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storeroom.backups import write_automatic
from storeroom.engine import Database, Link, StatementRunner, Transaction, driver_error
from storeroom.errors import Busy, MigrationLockTimeout, OutcomeUnknown, PreviewRefused, TransientError
from storeroom.migrations.catalogue import Catalogue, ForeignKeys, read_catalogue, read_foreign_keys
from storeroom.migrations.guard import sealed
from storeroom.migrations.ledger import Ledger
from storeroom.migrations.ledger.store import LEDGER_TABLE
from storeroom.migrations.lock import begin_locked, locked_autocommit
from storeroom.migrations.ownership import (
    Ownership,
    broken_references,
    broken_view,
    refuse_broken,
    refuse_broken_view,
)
from storeroom.migrations.revisions import Revision
from storeroom.migrations.state import EMPTY, LedgerSnapshot, snapshot
from storeroom.migrations.step import LockRefused, run_alone, run_in_transaction

T = TypeVar("T")

logger = logging.getLogger("storeroom.migrations")

# Called with the driver's connection and what is about to run: a revision, or at last (None) the ledger's statements.
Around = Callable[[Any, Revision | None], AbstractContextManager[object]]


class Direction(ABC):
    """Up or down: which revisions are to be run, and what the ledger keeps of them."""

    @abstractmethod
    def plan(self, stand: "Stand") -> Sequence[Revision]:
        """Return what is still to be run, in order; it is asked again each time that the lock is held."""

    @abstractmethod
    def prepare(self, batch: Sequence[Revision], ownership: Ownership) -> None:
        """Refuse what must not be run, before anything is."""

    @abstractmethod
    def record(self, stand: "Stand", batch: Sequence[Revision], ownership: Ownership, keys: ForeignKeys) -> None:
        """Write into the ledger that these have been run."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a database stands while the lock is held: what its catalogue and its ledger say."""

    catalogue: Catalogue
    ledger: Ledger
    known: LedgerSnapshot
    ownership: Ownership


def read_stand(runner: StatementRunner, recorded_at: datetime | None = None) -> Stand:
    """Read how the database stands; one without a ledger knows nothing. What is recorded has the time given, or now."""
    catalogue, ledger = read_catalogue(runner.driver), Ledger(runner, recorded_at)
    exists = LEDGER_TABLE in catalogue.tables
    known = snapshot(ledger) if exists else EMPTY
    return Stand(catalogue, ledger, known, Ownership(catalogue, ledger.owners() if exists else {}))


def migrate(database: Database, direction: Direction) -> Sequence[Revision]:
    """Run all that is to be run, or nothing; returns it in order, nothing when another process had done it all.

    A revision that isn't transactional is a step of its own: what precedes it is committed first. The plan is made
    again each time the lock is held, so that several processes may call this at once. On SQLite a back-up is written
    before the first change. What fails for a moment (a lock that is not to be had, a lost connection) is tried again,
    as a whole, within `migration_lock_timeout`. Raises RevisionFailed or MigrationLockTimeout, BackupFailed, and what
    the direction refuses.
    """
    migration = _Migration(database, direction)
    return patiently(database, migration.run)


def rehearse(database: Database, direction: Direction, around: Around, recorded_at: datetime) -> Sequence[Revision]:
    """Run all in one transaction that is rolled back, with this time in the ledger; `around` is called for each step.

    Raises PreviewRefused where something can't run in one.
    """
    return _Migration(database, direction, around).rehearse(recorded_at)


def patiently(database: Database, attempt: Callable[[], T]) -> T:
    """Call `attempt`, and again within `migration_lock_timeout` when it fails for a moment; return its result."""
    deadline = time.monotonic() + database.backend.settings.migration_lock_timeout
    while True:
        try:
            with _classified(database):
                return attempt()
        except (LockRefused, TransientError, OutcomeUnknown) as error:  # the ledger knows what became of a lost commit
            if time.monotonic() >= deadline:
                if isinstance(error, LockRefused):
                    raise error.failed() from error.__cause__
                if isinstance(error, Busy):
                    raise _in_use(database, error) from error
                raise
            logger.info("the migration is tried again: %s", error)
            time.sleep(random.uniform(0.05, 0.5))


def _in_use(database: Database, error: Busy) -> MigrationLockTimeout:
    seconds = database.backend.settings.migration_lock_timeout
    return MigrationLockTimeout(
        f"tables of {database.shown_url} were in use by others for {seconds:g} s ({error}); try again when they are "
        "not, or raise STOREROOM_MIGRATION_LOCK_TIMEOUT"
    )


@contextmanager
def _classified(database: Database) -> Iterator[None]:
    """Tell a connection that was lost between two revisions from a database that refuses."""
    try:
        yield
    except (DBAPIError, database.engine.dialect.loaded_dbapi.Error) as error:
        origin = driver_error(error)
        raise database.backend.classify(origin) from origin


class BackupOnce:
    """The back-up that is written before the first change, also where the change is tried again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_written = False

    def write(self) -> None:
        """Write it, unless that is done."""
        if not self._is_written:
            write_automatic(self._database)
            self._is_written = True


class _Migration:
    """One direction's work on one database."""

    def __init__(
        self, database: Database, direction: Direction, around: Around = lambda _driver, _revision: nullcontext()
    ) -> None:
        self._database = database
        self._backend = database.backend
        self._direction = direction
        self._around = around
        self._backup = BackupOnce(database)
        self._done: list[Revision] = []

    def run(self) -> Sequence[Revision]:
        """Run all that is left; what an earlier attempt did is among what is returned."""
        while True:
            batch, alone = self._transactional_round()
            self._done += batch
            if alone is None:
                return self._done
            if self._alone_round(alone):
                self._done.append(alone)

    def rehearse(self, recorded_at: datetime) -> Sequence[Revision]:
        """Run all, and roll it back."""
        transaction = begin_locked(self._database)
        try:
            stand = read_stand(transaction.runner, recorded_at)
            batch = self._direction.plan(stand)
            _refuse_alone(batch)
            if batch:
                self._run(transaction, batch, stand)
        finally:
            transaction.rollback()
        return batch

    def _transactional_round(self) -> tuple[Sequence[Revision], Revision | None]:
        """Run what is planned up to the first revision that isn't transactional, which is returned as the second."""
        transaction = begin_locked(self._database)
        try:
            stand = read_stand(transaction.runner)
            planned = self._direction.plan(stand)
            batch = list(takewhile(lambda revision: revision.transactional, planned))
            if batch:
                self._backup.write()
                self._run(transaction, batch, stand)
        except BaseException:
            transaction.rollback()
            raise
        transaction.commit()
        for revision in batch:
            logger.info("%s revision %s of plugin %s", _verb(revision), revision.id, revision.plugin)
        return batch, planned[len(batch)] if len(batch) < len(planned) else None

    def _run(self, transaction: Transaction, batch: Sequence[Revision], stand: Stand) -> None:
        driver, ownership = transaction.runner.driver, stand.ownership
        self._direction.prepare(batch, ownership)
        with sealed(driver):
            broken, view = broken_references(driver, ownership.catalogue.tables), broken_view(driver)
            for revision in batch:
                with self._around(driver, revision):
                    watch = run_in_transaction(transaction, self._backend, revision)
                ownership.advance(revision, read_catalogue(driver), watch)
            refuse_broken(batch, broken, broken_references(driver, ownership.catalogue.tables))
            refuse_broken_view(batch, view, broken_view(driver))
        keys = read_foreign_keys(driver)
        with self._around(driver, None):
            self._direction.record(stand, batch, ownership, keys)
        self._keep_from_pool(transaction.runner.connection)

    def _alone_round(self, revision: Revision) -> bool:
        """Run one revision outside a transaction and record it; tells whether it was still to be done."""
        with locked_autocommit(self._database) as connection:
            runner = StatementRunner(Link.to(connection), self._backend)
            stand = read_stand(runner)
            planned = self._direction.plan(stand)
            if not planned or planned[0] != revision:
                return False
            ownership = stand.ownership
            self._direction.prepare([revision], ownership)
            self._backup.write()
            broken = broken_references(runner.driver, ownership.catalogue.tables)
            watch = run_alone(connection, self._backend, revision)
            ownership.advance(revision, read_catalogue(runner.driver), watch)
            refuse_broken([revision], broken, broken_references(runner.driver, ownership.catalogue.tables))
            keys = read_foreign_keys(runner.driver)
            # On the connection that holds the lock: if it was lost, so is this.
            connection.exec_driver_sql("BEGIN")
            self._direction.record(stand, [revision], ownership, keys)
            connection.exec_driver_sql("COMMIT")
            self._keep_from_pool(connection)
        logger.info("%s revision %s of plugin %s outside a transaction", _verb(revision), revision.id, revision.plugin)
        return True

    def _keep_from_pool(self, connection: Connection) -> None:
        """Let the connection be closed after its use: a revision may have set something for the whole session."""
        if not self._database.single:
            connection.detach()


def _refuse_alone(batch: Sequence[Revision]) -> None:
    alone = [revision.id for revision in batch if not revision.transactional]
    if alone:
        raise PreviewRefused(
            f"{', '.join(map(repr, alone))} can't run in a transaction, and so not in a script that is one; run "
            "'storeroom upgrade', or ask for the script again when that is done",
            revisions=tuple(alone),
        )


def _verb(revision: Revision) -> str:
    return "took back" if revision.is_undone else "applied"
