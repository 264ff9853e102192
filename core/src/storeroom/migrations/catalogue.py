"""The database's own catalogue: its tables, indexes and foreign keys, and the order to drop them in."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from storeroom.ordering import dependency_order

# A virtual table's shadow tables come and go with it.
_SQLITE_TABLES = """
SELECT name FROM pragma_table_list
WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""
_SQLITE_INDEXES = """
SELECT i.name, m.name, i."unique", i.partial, x.cid = -2, x."desc", x.coll
FROM sqlite_master AS m, pragma_index_list(m.name) AS i, pragma_index_xinfo(i.name) AS x
WHERE m.type = 'table' AND i.origin = 'c' AND x.key = 1
ORDER BY i.name, x.seqno
"""
_SQLITE_FOREIGN_KEYS = """
SELECT DISTINCT m.name, coalesce(p.name, f."table")
FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f
LEFT JOIN sqlite_master AS p ON p.type = 'table' AND lower(p.name) = lower(f."table")
WHERE m.type = 'table'
"""

# A partition, and its part of an index, come and go with the partitioned table.
_POSTGRESQL_TABLE_NAMES = """
SELECT relname FROM pg_catalog.pg_class
WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p') AND NOT relispartition
"""
# Foreign keys of others that refer to a table leave no mark here. They are made anew when a type that they refer to is
# altered, so that constraints are told apart by name.
_POSTGRESQL_TABLES = """
SELECT t.relname, t.oid, t.relpersistence, t.relrowsecurity, t.relforcerowsecurity,
  (SELECT md5(string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull,
                                   a.attidentity, a.attgenerated, a.attisdropped, d.adbin), ',' ORDER BY a.attnum))
   FROM pg_catalog.pg_attribute AS a
   LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = t.oid AND a.attnum > 0),
  (SELECT md5(string_agg(concat_ws(' ', c.conname, c.contype, c.conkey, c.condeferrable, c.condeferred,
                                   c.convalidated, c.conbin), ',' ORDER BY c.conname))
   FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = t.oid),
  (SELECT string_agg(x.indexrelid::text, ',' ORDER BY x.indexrelid)
   FROM pg_catalog.pg_index AS x WHERE x.indrelid = t.oid),
  (SELECT md5(string_agg(concat_ws(' ', g.tgname, g.tgfoid, g.tgtype, g.tgenabled), ',' ORDER BY g.tgname))
   FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal)
FROM pg_catalog.pg_class AS t
WHERE t.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relkind IN ('r', 'p')
  AND NOT t.relispartition
"""
_POSTGRESQL_INDEXES = """
SELECT i.relname, t.relname
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
WHERE i.relnamespace = to_regnamespace(quote_ident(current_schema())) AND t.relkind IN ('r', 'p')
  AND NOT t.relispartition AND NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_constraint AS c WHERE c.conindid = x.indexrelid AND c.conrelid = x.indrelid
  )
"""
# Of a partition it is the table's that is partitioned; a table of another schema is named with it.
_POSTGRESQL_FOREIGN_KEYS = """
SELECT DISTINCT CASE WHEN n.nspname = current_schema() THEN t.relname ELSE n.nspname || '.' || t.relname END, r.relname
FROM pg_catalog.pg_constraint AS c
JOIN pg_catalog.pg_class AS t ON t.oid = coalesce(pg_partition_root(c.conrelid), c.conrelid)
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class AS r ON r.oid = coalesce(pg_partition_root(c.confrelid), c.confrelid)
WHERE c.contype = 'f' AND r.relnamespace = to_regnamespace(quote_ident(current_schema()))
"""


class ObjectKey(NamedTuple):
    """A table or an index, by name."""

    kind: Literal["table", "index"]
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that isn't a constraint's: its table, and what batch mode could change without saying so."""

    table: str
    shape: tuple[Any, ...]


ForeignKeys = Set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables and indexes of the current schema at one moment.

    `shapes` tells of each table on PostgreSQL whether it is the same, with the same columns, constraints,
    indexes and triggers.
    """

    tables: Set[str]
    indexes: Mapping[str, Index]
    shapes: Mapping[str, tuple[Any, ...]]

    def objects(self) -> Mapping[ObjectKey, str]:
        """Return every table and index with the table that it belongs to."""
        found = {ObjectKey("table", name): name for name in self.tables}
        return found | {ObjectKey("index", name): index.table for name, index in self.indexes.items()}

    def drop_order(self, keys: Collection[ObjectKey], foreign_keys: ForeignKeys) -> Sequence[tuple[ObjectKey, str]]:
        """Sort objects for dropping: each table after those whose foreign keys refer to it, and after its indexes.

        A unique index that a foreign key relies on can only be dropped once that key's table is. Foreign keys that go
        round in a circle are left out of account.
        """
        belongs = self.objects()
        names = {belongs[key] for key in keys}
        needs: dict[str, set[str]] = {name: set() for name in names}
        for child, parent in sorted(foreign_keys):
            if child in names and parent in names and child != parent and not _reaches(needs, child, parent):
                needs[parent].add(child)
        rank = {name: position for position, name in enumerate(dependency_order(needs, lambda name: name))}
        ordered = sorted(keys, key=lambda key: (rank[belongs[key]], key))  # 'index' is before 'table'
        return [(key, belongs[key]) for key in ordered]


def _reaches(needs: Mapping[str, Set[str]], start: str, goal: str) -> bool:
    """Tell whether `start` needs `goal` already, so that the reverse would close a circle."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        node = pending.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            pending += needs[node]
    return False


def read_catalogue(driver: Any) -> Catalogue:
    """Read the catalogue of the schema in which new tables would be created.

    It is read after every revision, and therefore by the driver's own connection.
    """
    if isinstance(driver, sqlite3.Connection):
        indexes: dict[str, Index] = {}
        for name, table, *shape in driver.execute(_SQLITE_INDEXES):
            known = indexes.get(name, Index(table, ()))
            indexes[name] = Index(table, (*known.shape, tuple(shape)))
        return Catalogue({name for (name,) in driver.execute(_SQLITE_TABLES)}, indexes, {})
    indexes = {name: Index(table, ()) for name, table in driver.execute(_POSTGRESQL_INDEXES)}
    shapes = {name: tuple(shape) for name, *shape in driver.execute(_POSTGRESQL_TABLES)}
    return Catalogue(shapes.keys(), indexes, shapes)


def read_tables(driver: Any) -> Set[str]:
    """Read the names of that schema's tables only."""
    query = _SQLITE_TABLES if isinstance(driver, sqlite3.Connection) else _POSTGRESQL_TABLE_NAMES
    return {name for (name,) in driver.execute(query)}


def read_foreign_keys(driver: Any) -> ForeignKeys:
    """Read the foreign keys into tables of that schema, as (table, table that it refers to)."""
    query = _SQLITE_FOREIGN_KEYS if isinstance(driver, sqlite3.Connection) else _POSTGRESQL_FOREIGN_KEYS
    return {(child, parent) for child, parent in driver.execute(query)}
