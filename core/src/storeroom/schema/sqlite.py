"""Reading the schema of SQLite's main database, by its pragmas and the texts that it keeps."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from storeroom.schema.defaults import normal_default
from storeroom.schema.definition import Definition, PrimaryKeyOf, parse_index, parse_table, parse_virtual
from storeroom.schema.tables import ColumnSchema, Part, TableSchema
from storeroom.schema.tokens import Token, fold, join, tokenize

_TABLES = """
SELECT lower(m.name), m.sql, l.type = 'virtual', l.wr
FROM main.sqlite_master AS m JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name
WHERE m.type = 'table' AND lower(m.name) IN (SELECT lower(value) FROM json_each(?))
"""
_COLUMNS = """
SELECT lower(m.name), c.name, c.type, c."notnull", c.dflt_value, c.pk
FROM main.sqlite_master AS m, pragma_table_xinfo(m.name, 'main') AS c
WHERE m.type = 'table' AND lower(m.name) IN (SELECT lower(value) FROM json_each(?))
ORDER BY m.name, c.cid
"""
_INDEXES = """
SELECT lower(m.tbl_name), lower(m.name), m.sql
FROM main.sqlite_master AS m
WHERE m.type = 'index' AND m.sql IS NOT NULL AND lower(m.tbl_name) IN (SELECT lower(value) FROM json_each(?))
"""
_PRIMARY_KEY = "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE pk > 0 ORDER BY pk"


class _Column(NamedTuple):
    name: str
    type: str
    not_null: bool
    default: str | None
    key_position: int


@dataclass(slots=True)
class _Table:
    """What SQLite says of one table; of an index, its name and text."""

    name: str
    text: str
    is_virtual: bool
    without_rowid: bool
    columns: list[_Column] = field(default_factory=list)
    indexes: list[tuple[str, str]] = field(default_factory=list)


def read_sqlite(driver: sqlite3.Connection, tables: Collection[str]) -> Mapping[str, TableSchema]:
    """Read these tables, with the names that were asked for; SQLite itself doesn't tell cases apart."""
    asked = {fold(name): name for name in tables}
    parameters = (json.dumps(list(asked)),)
    found = {row[0]: _Table(*row) for row in driver.execute(_TABLES, parameters)}
    for table, name, *facts in driver.execute(_COLUMNS, parameters):
        found[table].columns.append(_Column(fold(name), *facts))
    for table, *index in driver.execute(_INDEXES, parameters):
        found[table].indexes.append((index[0], index[1]))

    def primary_key_of(other: str) -> Sequence[str]:
        return [fold(name) for (name,) in driver.execute(_PRIMARY_KEY, (other,))]

    return {asked[name]: _schema(table, primary_key_of) for name, table in found.items()}


def _schema(table: _Table, primary_key_of: PrimaryKeyOf) -> TableSchema:
    if table.is_virtual:
        return TableSchema("sqlite", {}, (), parse_virtual(table.text))
    names = {column.name for column in table.columns}
    definition = parse_table(table.text, table.name, names, primary_key_of)
    collations = {name: definition.collations.get(name) for name in names}
    indexes = [Part("index", name, parse_index(text, table.name, collations)) for name, text in table.indexes]
    key = [column.name for column in table.columns if column.key_position]
    number = key[0] if len(key) == 1 and not table.without_rowid else None
    return TableSchema(
        "sqlite",
        {column.name: _column(column, definition, is_number=column.name == number) for column in table.columns},
        [*definition.parts, *indexes],
        definition.options,
    )


def _column(column: _Column, definition: Definition, *, is_number: bool) -> ColumnSchema:
    kind = join([Token(each.kind, each.text.upper()) for each in tokenize(column.type, "sqlite")])
    # The number of a row is never NULL, whether that is said or not.
    not_null = column.not_null or (is_number and kind == "INTEGER")
    collation = definition.collations.get(column.name)
    return ColumnSchema(
        kind,
        f"NOT NULL{definition.conflicts.get(column.name, '')}" if not_null else "NULL",
        normal_default(column.default),
        definition.generated.get(column.name),
        None,
        None if collation == "binary" else collation,
    )
