"""What a plugin has in a database, by the ledger alone, and what stands against taking it away."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from storeroom.backups import dump_command
from storeroom.engine import Database, StatementRunner
from storeroom.errors import RequirementMissing
from storeroom.lifecycle.changing import check_ledger, held, refuse_new
from storeroom.migrations.catalogue import read_foreign_keys
from storeroom.migrations.coordinator import Stand, read_stand
from storeroom.names import owns
from storeroom.registry import Registry

# Counting all rows of large tables takes its time.
_PATIENCE = 100

# Of a table with its indexes.
_SQLITE_SIZE = """
SELECT sum(pgsize) FROM dbstat
WHERE aggregate = 1 AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)
"""
# Of a table with its indexes and partitions, which pg_partition_tree tells of what has some.
_POSTGRESQL_SIZE = """
SELECT coalesce(
  (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(t.oid)), pg_total_relation_size(t.oid)
)
FROM (SELECT quote_ident(%s)::regclass AS oid) AS t
"""
_PARTITIONS = """
SELECT p.relname, p.relnamespace = t.relnamespace
FROM pg_catalog.pg_class AS t, pg_partition_tree(t.oid) AS tree, pg_catalog.pg_class AS p
WHERE t.oid = quote_ident(%s)::regclass AND p.oid = tree.relid AND p.oid <> t.oid
"""
# What has a name and is no table nor index, with what drops it.
_SQLITE_OTHERS = """
SELECT name, upper(type) FROM sqlite_master
WHERE type = 'view' OR type = 'trigger' AND tbl_name NOT IN (SELECT name FROM storeroom_objects WHERE plugin = ?)
ORDER BY 2, 1
"""
_POSTGRESQL_OTHERS = """
SELECT relname, CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'SEQUENCE' END
FROM pg_catalog.pg_class AS c
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm', 'S') AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
)
UNION ALL
SELECT typname, CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END FROM pg_catalog.pg_type AS t
WHERE typnamespace = current_schema()::regnamespace AND (typtype IN ('d', 'e', 'r') OR typtype = 'c' AND EXISTS (
  SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'
))
UNION ALL
SELECT proname, CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
FROM pg_catalog.pg_proc WHERE pronamespace = current_schema()::regnamespace
ORDER BY 2, 1
"""


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table that a plugin owns: how many rows it has, and how many bytes, with its indexes, where that is known."""

    name: str
    rows: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a plugin has in a database.

    `foreign_keys` are those of other tables that refer to the plugin's: (table, table of the plugin's). `required_by`
    says who requires the plugin, a line each. `missing` are tables that are the plugin's and not there any more.
    `others` is what the ledger doesn't know of and purging leaves, though its name is the plugin's: views, triggers,
    types, sequences and functions, each as the statement that drops it. `dump_command` copies the tables elsewhere;
    None on SQLite, where a back-up is written.
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
    others: Sequence[str]
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
        return Holdings(
            plugin=name,
            head=entry.head,
            distribution=entry.distribution,
            version=entry.version,
            is_installed=name in {*registry.plugins, *registry.quarantined, *registry.denied},
            tables=[HeldTable(each, _count(runner, each), _size(runner, each)) for each in present],
            missing=[each for each in owned if each not in present],
            foreign_keys=inbound(runner, owned),
            required_by=requiring(name, stand, registry),
            others=_others(runner, name),
            dump_command=_dump(database, runner, present),
        )


def dump_of(database: Database, names: Collection[str]) -> str | None:
    """Return the command that copies these plugins' tables elsewhere; None on SQLite, and where they have none."""
    if database.backend.name != "postgresql":
        return None
    with database.reading() as runner:
        stand = read_stand(runner)
        keys = [key for name in names if name in stand.known.entries for key in stand.ledger.drop_order(name)]
        tables = [key.name for key in keys if key.kind == "table" and key.name in stand.catalogue.tables]
        return _dump(database, runner, tables)


def requiring(name: str, stand: Stand, registry: Registry) -> Sequence[str]:
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


def inbound(runner: StatementRunner, tables: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return the foreign keys of other tables into these."""
    own = set(tables)
    return sorted(
        (child, parent) for child, parent in read_foreign_keys(runner.driver) if parent in own and child not in own
    )


def _dump(database: Database, runner: StatementRunner, tables: Sequence[str]) -> str | None:
    """Return the command for these tables with their partitions, whose rows pg_dump takes for other tables'."""
    if database.backend.name != "postgresql" or not tables:
        return None
    partitions = [row for table in tables for row in _rows(runner, _PARTITIONS, table)]
    if not all(is_beside for _, is_beside in partitions):  # in another schema: then all is copied
        return dump_command(database, [])
    return dump_command(database, [*tables, *(name for name, _ in partitions)])


def _count(runner: StatementRunner, table: str) -> int:
    quote = runner.dialect.identifier_preparer.quote_identifier
    return int(_scalar(runner, f"SELECT count(*) FROM {quote(table)}"))


def _size(runner: StatementRunner, table: str) -> int | None:
    if runner.dialect.name == "postgresql":
        return int(_scalar(runner, _POSTGRESQL_SIZE, table))
    if not _scalar(runner, "SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat'"):
        return None  # this SQLite was built without what tells
    return int(_scalar(runner, _SQLITE_SIZE, table) or 0)


def _others(runner: StatementRunner, name: str) -> Sequence[str]:
    quote = runner.dialect.identifier_preparer.quote
    is_sqlite = runner.dialect.name == "sqlite"
    found = _rows(runner, _SQLITE_OTHERS, name) if is_sqlite else _rows(runner, _POSTGRESQL_OTHERS)
    return [f"DROP {kind} {quote(other)}" for other, kind in found if owns(name, other)]


def _scalar(runner: StatementRunner, query: str, *parameters: str) -> Any:
    return _rows(runner, query, *parameters)[0][0]


def _rows(runner: StatementRunner, query: str, *parameters: str) -> Sequence[Any]:
    rows: Sequence[Any] = runner.on_cursor(
        lambda cursor: cursor.execute(query, parameters).fetchall(), patience=_PATIENCE
    )
    return rows
