"""The text of bulk statements: each takes its rows from a list of values named `storeroom_rows`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect, FromClause, Table, cast, column, literal, select, true
from sqlalchemy import table as lightweight_table
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.schema import ColumnElementColumnDefault, ScalarElementColumnDefault

from storeroom.sql.bulk.rows import is_constant
from storeroom.sql.conflicts import Insert, insert
from storeroom.sql.upsert import UpsertRule, on_conflict
from storeroom.types import JSONDocument

ROWS = "storeroom_rows"
POSITION = "storeroom_position"


def rows_of(table: Table, columns: Sequence[str]) -> FromClause:
    """Return the list of values: these columns of the table, and on PostgreSQL each row's position."""
    return lightweight_table(ROWS, column(POSITION), *(column(name, table.columns[name].type) for name in columns))


def insert_text(table: Table, columns: Sequence[str], dialect: Dialect) -> str:
    """Return the insert of all rows, in their order."""
    rows = rows_of(table, columns)
    return text_of(_insert(table, columns, rows, [POSITION], dialect), dialect)


def upsert_text(rule: UpsertRule, fields: Sequence[str], columns: Sequence[str], dialect: Dialect) -> str:
    """Return the upsert of all rows, in the order of their keys, which returns key and version of what it wrote."""
    rows = rows_of(rule.table, columns)
    construct = on_conflict(_insert(rule.table, columns, rows, rule.key, dialect), rule, fields)
    return text_of(construct.returning(*(rule.table.c[name] for name in rule.key), rule.version), dialect)


def _insert(table: Table, columns: Sequence[str], rows: FromClause, order: Sequence[str], dialect: Dialect) -> Insert:
    values: dict[str, Any] = {name: _given(rows.c[name], dialect) for name in columns}
    for each in table.columns:
        if each.name in values:
            continue
        if isinstance(each.default, ColumnElementColumnDefault):
            values[each.name] = each.default.arg
        elif isinstance(each.default, ScalarElementColumnDefault) and is_constant(each):
            values[each.name] = _given(literal(each.default.arg, each.type), dialect)
    source = select(*values.values()).select_from(rows)
    # SQLite takes the rows as they come; without a condition, it takes ON CONFLICT for a join's.
    is_sqlite = dialect.name == "sqlite"
    source = source.where(true()) if is_sqlite else source.order_by(*(rows.c[name] for name in order))
    return insert(table).from_select(list(values), source, include_defaults=False)


def text_of(construct: ClauseElement, dialect: Dialect) -> str:
    """Compile a statement that has no parameters but its rows."""
    return str(construct.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _given(value: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    # PostgreSQL stages documents as the text that they are, and changes no type by itself in INSERT … SELECT.
    is_staged = dialect.name == "postgresql" and isinstance(value.type, JSONDocument)
    return cast(value, value.type) if is_staged else value
