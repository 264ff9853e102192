"""Removing a plugin from a database: with its tables (purge), or from the ledger only (forget).

Both work from the ledger alone, so that the distribution may be gone already; no code of the plugin's is run.
"""

from collections.abc import Sequence

from storeroom.engine import Database, StatementRunner
from storeroom.errors import StatementFailed, StillRequired
from storeroom.lifecycle.changing import changing, held
from storeroom.lifecycle.holdings import inbound, requiring
from storeroom.migrations.catalogue import ObjectKey
from storeroom.migrations.coordinator import BackupOnce, Stand, patiently
from storeroom.migrations.ownership import broken_view
from storeroom.registry import Registry


def purge(database: Database, registry: Registry, name: str) -> Sequence[str]:
    """Drop all tables that the ledger gives to a plugin, with their rows, and let go of it; returns their names.

    In one transaction, under the lock; on SQLite a back-up is written first. Raises StillRequired where another
    plugin, installed or not, requires it, or where a table of somebody else's has a foreign key into one of them, or
    a view or a trigger is built on one; PluginAbsent, and LedgerProtected for core's own.
    """
    backup, gone = BackupOnce(database), list[str]()

    def attempt() -> Sequence[str]:
        with changing(database) as (transaction, stand):
            runner = transaction.runner
            if gone and name not in stand.known.entries:
                return gone  # the answer to the commit was lost, not what it did
            held(stand.known, name, database)
            order = stand.ledger.drop_order(name)
            gone[:] = [key.name for key in order if key.kind == "table" and key.name in stand.catalogue.tables]
            _refuse_required(name, requiring(name, stand, registry), inbound(runner, gone))
            backup.write()
            _drop(runner, name, order, stand)
            stand.ledger.remove(name, tables_stay=False)
        return gone

    return patiently(database, attempt)


def forget(database: Database, name: str) -> Sequence[str]:
    """Let the ledger go of a plugin, and leave its tables; returns their names.

    They belong to nobody then: no upgrade touches them, until `claim` gives them to the plugin again. What was adopted
    for it is remembered. Raises PluginAbsent, and LedgerProtected for core's own.
    """
    let_go = list[str]()

    def attempt() -> Sequence[str]:
        with changing(database) as (_transaction, stand):
            if let_go and name not in stand.known.entries:
                return let_go  # as above
            held(stand.known, name, database)
            let_go[:] = [key.name for key in stand.ledger.drop_order(name) if key.kind == "table"]
            stand.ledger.remove(name, tables_stay=True)
        return let_go

    return patiently(database, attempt)


def _drop(runner: StatementRunner, name: str, order: Sequence[ObjectKey], stand: Stand) -> None:
    """Drop in the ledger's order; PostgreSQL drops tables that refer to each other in a circle only together."""
    quote = runner.dialect.identifier_preparer.quote_identifier
    there = [key for key in order if key in stand.catalogue.objects()]
    if runner.dialect.name == "sqlite":
        view = broken_view(runner.driver)
        for key in there:
            _run(runner, f"DROP {key.kind.upper()} {quote(key.name)}")
        broken = broken_view(runner.driver)
        if broken is not None and view is None:
            raise _built_on(name, broken)
        return
    tables = [quote(key.name) for key in there if key.kind == "table"]
    try:
        if tables:
            _run(runner, f"DROP TABLE {', '.join(tables)}")
    except StatementFailed as error:
        if error.code != "2BP01":
            raise
        detail = str(getattr(getattr(error.__cause__, "diag", None), "message_detail", ""))
        raise _built_on(name, " ".join(detail.split())) from error


def _run(runner: StatementRunner, statement: str) -> None:
    runner.on_cursor(lambda cursor: cursor.execute(statement))


def _built_on(name: str, what: str) -> StillRequired:
    return StillRequired(
        f"tables of plugin {name!r} can't be dropped: {what}; drop first what is built on them",
        plugin=name,
        required_by=(what,),
    )


def _refuse_required(name: str, required_by: Sequence[str], foreign_keys: Sequence[tuple[str, str]]) -> None:
    lines = [*required_by, *(f"foreign keys from table {child!r} to {parent!r}" for child, parent in foreign_keys)]
    if lines:
        raise StillRequired(
            f"plugin {name!r} is still required: {'; '.join(lines)}; purge what requires it first (a plugin without "
            f"tables, uninstall or deny), or forget {name!r} and leave its tables",
            plugin=name,
            required_by=tuple(lines),
        )
