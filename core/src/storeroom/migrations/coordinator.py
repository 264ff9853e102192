"""The coordinator: brings all plugins' tables to their heads, in one transaction, under one lock."""

import logging
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storeroom.engine import Database, StatementRunner, Transaction, driver_error
from storeroom.errors import MigrationsInvalid, OutcomeUnknown, PluginError, RevisionMissing, TransientError
from storeroom.migrations.catalogue import ForeignKeys, read_catalogue, read_foreign_keys
from storeroom.migrations.guard import sealed
from storeroom.migrations.ledger import AppliedRevision, Ledger, LedgerChange, LedgerEntry
from storeroom.migrations.ledger.store import LEDGER_TABLE
from storeroom.migrations.lock import begin_locked, locked_autocommit
from storeroom.migrations.ownership import Ownership, broken_references, refuse_broken
from storeroom.migrations.revisions import Revision, load_revisions, pending_order
from storeroom.migrations.state import (
    EMPTY,
    LedgerSnapshot,
    migrated_plugins,
    plugins_ahead,
    plugins_pending,
    schema_ahead,
    snapshot,
)
from storeroom.migrations.step import LockRefused, run_alone, run_in_transaction
from storeroom.names import CORE_PLUGIN
from storeroom.registry import Plugin, Registry, without

logger = logging.getLogger("storeroom.migrations")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: the revisions that it applied, in order, and the registry that results.

    `registry` lacks the plugins that turned out to be unusable (their revisions can't be read, or the database is
    ahead of them). `applied` is empty when another process had done it all.
    """

    applied: Sequence[Revision]
    registry: Registry


def upgrade(database: Database, registry: Registry) -> Upgrade:
    """Apply every pending revision of every plugin, or none.

    A revision that isn't transactional is a step of its own: what precedes it is committed first. Heads are read
    again each time the lock is held, so that several processes may call this at once. What fails for a moment (a lock
    that is not to be had, a lost connection) is tried again, as a whole, within `migration_lock_timeout`.
    Raises RevisionFailed, TableUnowned, LedgerTooNew or MigrationLockTimeout.
    """
    applied: list[Revision] = []
    deadline = time.monotonic() + database.backend.settings.migration_lock_timeout
    while True:
        try:
            with _classified(database):
                registry, done, alone = _transactional_round(database, registry)
                applied += done
                if alone is None:
                    return Upgrade(applied, registry)
                if _alone_round(database, registry, alone):
                    applied.append(alone)
        except (LockRefused, TransientError, OutcomeUnknown) as error:  # the ledger knows what became of a lost commit
            if time.monotonic() >= deadline:
                if isinstance(error, LockRefused):
                    raise error.failed() from error.__cause__
                raise
            logger.info("the upgrade is tried again: %s", error)
            time.sleep(random.uniform(0.05, 0.5))


@contextmanager
def _classified(database: Database) -> Iterator[None]:
    """Tell a connection that was lost between two revisions from a database that refuses."""
    try:
        yield
    except (DBAPIError, database.engine.dialect.loaded_dbapi.Error) as error:
        origin = driver_error(error)
        raise database.backend.classify(origin) from origin


def _transactional_round(
    database: Database, registry: Registry
) -> tuple[Registry, Sequence[Revision], Revision | None]:
    """Apply what is pending up to the first revision that isn't transactional, which is returned as the third."""
    transaction = begin_locked(database)
    try:
        catalogue = read_catalogue(transaction.runner.driver)
        ledger = Ledger(transaction.runner)
        exists = LEDGER_TABLE in catalogue.tables
        known = snapshot(ledger) if exists else EMPTY
        registry, pending = plan(registry, known)
        batch = list(takewhile(lambda revision: revision.transactional, pending))
        if batch:
            ownership = Ownership(catalogue, ledger.owners() if exists else {})
            for plugin in _plugins_of(batch, registry):
                ownership.refuse_unowned(plugin)
            with sealed(transaction.runner.driver):
                _apply(transaction, database, batch, ownership)
            foreign_keys = read_foreign_keys(transaction.runner.driver)
            ledger.record(_changes(known, batch, ownership, foreign_keys, registry))
            _keep_from_pool(database, transaction.runner.connection)
    except BaseException:
        transaction.rollback()
        raise
    transaction.commit()
    for revision in batch:
        logger.info("applied revision %s of plugin %s", revision.id, revision.plugin)
    return registry, batch, pending[len(batch)] if len(batch) < len(pending) else None


def _apply(transaction: Transaction, database: Database, batch: Sequence[Revision], ownership: Ownership) -> None:
    driver = transaction.runner.driver
    broken = broken_references(driver, ownership.catalogue.tables)
    for revision in batch:
        watch = run_in_transaction(transaction, database.backend, revision)
        ownership.advance(revision, read_catalogue(driver), watch)
    refuse_broken(batch, broken, broken_references(driver, ownership.catalogue.tables))


def _alone_round(database: Database, registry: Registry, revision: Revision) -> bool:
    """Run one revision outside a transaction and record it; tells whether it was still to be done."""
    with locked_autocommit(database) as connection:
        runner = StatementRunner(connection, database.backend)
        ledger = Ledger(runner)
        known = snapshot(ledger)
        if revision.id in known.applied.get(revision.plugin, ()):
            return False
        ownership = Ownership(read_catalogue(runner.driver), ledger.owners())
        ownership.refuse_unowned(registry.plugins[revision.plugin])
        broken = broken_references(runner.driver, ownership.catalogue.tables)
        watch = run_alone(connection, database.backend, revision)
        ownership.advance(revision, read_catalogue(runner.driver), watch)
        refuse_broken([revision], broken, broken_references(runner.driver, ownership.catalogue.tables))
        changes = _changes(known, [revision], ownership, read_foreign_keys(runner.driver), registry)
        # On the connection that holds the lock: if it was lost, so is this.
        connection.exec_driver_sql("BEGIN")
        ledger.record(changes)
        connection.exec_driver_sql("COMMIT")
        _keep_from_pool(database, connection)
    logger.info("applied revision %s of plugin %s outside a transaction", revision.id, revision.plugin)
    return True


def _keep_from_pool(database: Database, connection: Connection) -> None:
    """Let the connection be closed after its use: a revision may have set something for the whole session."""
    if not database.single:
        connection.detach()


def plan(registry: Registry, ledger: LedgerSnapshot) -> tuple[Registry, Sequence[Revision]]:
    """Return what is to be applied, in order, and the registry without the plugins that turn out to be unusable."""
    while True:
        faults: dict[str, PluginError] = dict(plugins_ahead(registry, ledger))
        pending = plugins_pending(registry, ledger)
        plugins = [plugin for plugin in migrated_plugins(registry) if plugin.name in pending]
        revisions: dict[str, Sequence[Revision]] = {}
        for plugin in plugins:
            try:
                revisions[plugin.name] = load_revisions(plugin)
            except MigrationsInvalid as error:
                if plugin.name == CORE_PLUGIN:
                    raise
                faults.setdefault(plugin.name, error)
                continue
            unknown = set(ledger.applied.get(plugin.name, ())) - {each.id for each in revisions[plugin.name]}
            if unknown:
                faults.setdefault(plugin.name, schema_ahead(plugin, ledger.entries[plugin.name]))
        if not faults:
            try:
                return registry, pending_order(plugins, revisions, ledger)
            except RevisionMissing as error:
                faults[error.plugin] = error
        registry = without(registry, faults)


def _changes(
    known: LedgerSnapshot,
    batch: Sequence[Revision],
    ownership: Ownership,
    foreign_keys: ForeignKeys,
    registry: Registry,
) -> Sequence[LedgerChange]:
    changes = []
    for plugin in _plugins_of(batch, registry):
        own = [revision for revision in batch if revision.plugin == plugin.name]
        candidate = plugin.candidate
        changes.append(
            LedgerChange(
                LedgerEntry(plugin.name, own[-1].id, candidate.distribution, candidate.version),
                plugin.name not in known.entries,
                [AppliedRevision(each.id, each.position, each.message, each.requires) for each in own],
                ownership.drop_order(plugin.name, foreign_keys),
            )
        )
    return changes


def _plugins_of(batch: Sequence[Revision], registry: Registry) -> Sequence[Plugin]:
    names = {revision.plugin for revision in batch}
    return [plugin for plugin in migrated_plugins(registry) if plugin.name in names]
