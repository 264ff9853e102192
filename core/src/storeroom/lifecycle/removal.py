"""Removing a plugin from a database: with its tables (purge), or from the ledger only (forget).

Both work from the ledger alone, so that the distribution may be gone already; no code of the plugin's is run.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from storeroom.backups import dump_command
from storeroom.engine import Database, StatementRunner
from storeroom.errors import RequirementMissing, StatementFailed, StillRequired
from storeroom.lifecycle.changing import changing, check_ledger, held, refuse_new
from storeroom.migrations.catalogue import ObjectKey, read_foreign_keys
from storeroom.migrations.coordinator import BackupOnce, Stand, patiently, read_stand
from storeroom.registry import Registry

# A table's name is also that of its indexes' table.
_SQLITE_SIZE = """
SELECT sum(pgsize) FROM dbstat
WHERE aggregate = 1 AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)
"""

# Counting all rows of large tables takes its time.
_PATIENCE = 100


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table that a plugin owns: how many rows it has, and how many bytes, with its indexes, where that is known."""

    name: str
    rows: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a plugin has in a database, and what stands against taking it away.

    `foreign_keys` are those of other tables that refer to the plugin's: (table, table of the plugin's). `required_by`
    says who requires the plugin, a line each. `missing` are tables that are the plugin's and not there any more.
    `dump_command` copies the tables elsewhere; None on SQLite, where a back-up is written.
    """

    plugin: str
    head: str
    distribution: str | None
    version: str | None
    is_installed: bool
    tables: Sequence[HeldTable]
    missing: Sequence[str]
    foreign_keys: Sequence[tuple[str, str]]
    required_by: Sequence[str]
    dump_command: str | None


def holdings(database: Database, registry: Registry, name: str) -> Holdings:
    """Look at what a plugin has in a database; nothing is changed. Raises PluginAbsent and LedgerProtected."""
    refuse_new(database)
    with database.reading() as runner:
        stand = read_stand(runner)
        check_ledger(stand.known, database)
        entry = held(stand.known, name, database)
        owned = [key.name for key in stand.ledger.drop_order(name) if key.kind == "table"]
        present = [each for each in owned if each in stand.catalogue.tables]
        tables = [HeldTable(each, _count(runner, each), _size(runner, each)) for each in present]
        inbound = _inbound(runner, owned)
        required_by = _requiring(name, stand, registry)
    return Holdings(
        name,
        entry.head,
        entry.distribution,
        entry.version,
        name in {*registry.plugins, *registry.quarantined, *registry.denied},
        tables,
        [each for each in owned if each not in present],
        inbound,
        required_by,
        dump_command(database, present) if database.backend.name == "postgresql" and present else None,
    )


def purge(database: Database, registry: Registry, name: str) -> Sequence[str]:
    """Drop all tables that the ledger gives to a plugin, with their rows, and let go of it; returns their names.

    In one transaction, under the lock; on SQLite a back-up is written first. Raises StillRequired where another
    plugin, installed or not, requires it, or where a table of somebody else's has a foreign key into one of them or is
    otherwise built on it; PluginAbsent, and LedgerProtected for core's own.
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
            _refuse_required(name, _requiring(name, stand, registry), _inbound(runner, gone))
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


def dump_of(database: Database, names: Collection[str]) -> str | None:
    """Return the command that copies these plugins' tables elsewhere; None on SQLite, and where they have none."""
    if database.backend.name != "postgresql":
        return None
    with database.reading() as runner:
        stand = read_stand(runner)
        tables = [
            key.name
            for name in names
            if name in stand.known.entries
            for key in stand.ledger.drop_order(name)
            if key.kind == "table" and key.name in stand.catalogue.tables
        ]
    return dump_command(database, tables) if tables else None


def _drop(runner: StatementRunner, name: str, order: Sequence[ObjectKey], stand: Stand) -> None:
    """Drop in the ledger's order; PostgreSQL drops tables that refer to each other in a circle only together."""
    quote = runner.dialect.identifier_preparer.quote_identifier
    there = [key for key in order if key in stand.catalogue.objects()]
    tables = [quote(key.name) for key in there if key.kind == "table"]
    if runner.dialect.name == "sqlite":
        statements = [f"DROP {key.kind.upper()} {quote(key.name)}" for key in there]
    else:
        statements = [f"DROP TABLE {', '.join(tables)}"] if tables else []
    try:
        for statement in statements:
            runner.on_cursor(lambda cursor, text=statement: cursor.execute(text))  # type: ignore[misc]
    except StatementFailed as error:
        if error.code != "2BP01":
            raise
        detail = " ".join(str(getattr(getattr(error.__cause__, "diag", None), "message_detail", "")).split())
        raise StillRequired(
            f"tables of plugin {name!r} can't be dropped: {detail}; drop first what is built on them",
            plugin=name,
            required_by=(),
        ) from error


def _refuse_required(name: str, required_by: Sequence[str], inbound: Sequence[tuple[str, str]]) -> None:
    lines = [*required_by, *(f"foreign keys from table {child!r} to {parent!r}" for child, parent in inbound)]
    if lines:
        raise StillRequired(
            f"plugin {name!r} is still required: {'; '.join(lines)}; purge or deny what requires it first, or forget "
            f"{name!r} and leave its tables",
            plugin=name,
            required_by=tuple(lines),
        )


def _requiring(name: str, stand: Stand, registry: Registry) -> Sequence[str]:
    """Say who requires the plugin: by an applied revision, whether installed or not, or by its manifest."""
    found = [
        f"revision {each.revision!r} of plugin {each.plugin!r} requires {each.required_revision!r}"
        for each in stand.ledger.requirements()
        if each.required_plugin == name and each.plugin != name
    ]
    for plugin in registry.plugins.values():
        has_part = plugin.migrations is None or plugin.name in stand.known.entries
        if name in plugin.manifest.requires and has_part:
            found.append(f"the manifest of plugin {plugin.name!r} requires it")
    for each in registry.quarantined.values():
        missing = isinstance(each.error, RequirementMissing) and each.error.requirement == name
        if missing and each.name in stand.known.entries:
            found.append(f"the manifest of plugin {each.name!r} requires it")
    return found


def _inbound(runner: StatementRunner, tables: Sequence[str]) -> Sequence[tuple[str, str]]:
    own = set(tables)
    return sorted(
        (child, parent) for child, parent in read_foreign_keys(runner.driver) if parent in own and child not in own
    )


def _count(runner: StatementRunner, table: str) -> int:
    quote = runner.dialect.identifier_preparer.quote_identifier
    return int(_scalar(runner, f"SELECT count(*) FROM {quote(table)}"))


def _size(runner: StatementRunner, table: str) -> int | None:
    if runner.dialect.name == "postgresql":
        return int(_scalar(runner, "SELECT pg_total_relation_size(quote_ident(%s)::regclass)", table))
    if not _scalar(runner, "SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat'"):
        return None  # this SQLite was built without what tells
    return int(_scalar(runner, _SQLITE_SIZE, table) or 0)


def _scalar(runner: StatementRunner, query: str, *parameters: str) -> Any:
    return runner.on_cursor(lambda cursor: cursor.execute(query, parameters).fetchone()[0], patience=_PATIENCE)
