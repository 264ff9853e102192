"""Rows for tables whose author gives none: made up from columns, foreign keys, and what checks allow."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, MetaData, Table, insert, inspect, select
from sqlalchemy import types as sqltypes
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.type_api import TypeEngine

from storeroom.errors import StoreroomError

ROWS = 2

_QUOTED = re.compile(r"'((?:[^']|'')*)'")


class NoRow(AssertionError):
    """No row could be made up for a table."""


def reflected(connection: Connection, models: Iterable[Table], plugin: str) -> Sequence[Table]:
    """Return a plugin's tables as they are in the database, with the types of the models' columns of the same name."""
    names = [each for each in inspect(connection).get_table_names() if each == plugin or each.startswith(f"{plugin}_")]
    metadata = MetaData()
    metadata.reflect(connection, only=names)
    types = {(table.name, column.name): column.type for table in models for column in table.columns}
    for table in metadata.tables.values():
        for column in table.columns:
            column.type = types.get((table.name, column.name), column.type)
    return [table for table in metadata.sorted_tables if table.name in names]


def counts(connection: Connection, tables: Iterable[str]) -> Mapping[str, int]:
    """Count the rows of tables."""
    quote = connection.dialect.identifier_preparer.quote
    return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one() for name in tables}


def make_up(connection: Connection, tables: Sequence[Table]) -> None:
    """Insert two rows into each table that is empty, or one where the second would be the same; tables are in order.

    Raises NoRow for a table that takes none.
    """
    for table in tables:
        if connection.execute(select(table).limit(1)).first() is None:
            _fill(connection, table, _allowed(connection, table))


def _fill(connection: Connection, table: Table, allowed: Mapping[str, str]) -> None:
    for number in range(1, ROWS + 1):
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(_row(connection, table, allowed, number)))
        except (SQLAlchemyError, StoreroomError) as error:
            if number > 1:
                return
            why = " ".join(str(getattr(error, "orig", error)).split())
            raise NoRow(
                f"no row could be made up for table {table.name!r}: {why}; put one "
                "there by sample(self, uow), or at an earlier revision by sample_at(self, revision, connection)"
            ) from error


def _row(connection: Connection, table: Table, allowed: Mapping[str, str], number: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            values[column.key] = _referred(connection, column, number)
        elif column.name in allowed and _is_text(column.type):
            values[column.key] = allowed[column.name]
        elif not _is_made_by_the_database(column):
            values[column.key] = _value(column, number)
    return {key: value for key, value in values.items() if value is not None}


def _referred(connection: Connection, column: Column[Any], number: int) -> Any:
    (key, *_) = column.foreign_keys
    if key.column.table.name == column.table.name and column.nullable:
        return None
    found = connection.execute(select(key.column).order_by(key.column).limit(ROWS)).scalars().all()
    return found[min(number, len(found)) - 1] if found else None


def _is_made_by_the_database(column: Column[Any]) -> bool:
    is_counted = column is column.table.autoincrement_column
    return is_counted or column.server_default is not None or column.identity is not None


def _is_text(kind: TypeEngine[Any]) -> bool:
    return isinstance(_inner(kind), sqltypes.String)


def _inner(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type that the database knows, of one that decorates it."""
    return _inner(kind.impl_instance) if isinstance(kind, sqltypes.TypeDecorator) else kind


def _value(column: Column[Any], number: int) -> Any:
    """Return a value for a column, another one for each number; None where nothing is known to fit."""
    choices = getattr(column.type, "choices", None) or getattr(column.type, "enums", None)
    if choices:
        return next(iter(choices))
    inner = _inner(column.type)
    if isinstance(inner, sqltypes.JSON):
        return {}
    if isinstance(inner, sqltypes.DateTime):
        is_naive = not inner.timezone and not isinstance(column.type, sqltypes.TypeDecorator)
        return datetime(2024, 1, number, tzinfo=None if is_naive else UTC)
    try:
        return _made(number, f"{column.name} {number}"[-(getattr(inner, "length", None) or 255) :])[inner.python_type]
    except (NotImplementedError, KeyError):
        return None


def _made(number: int, text: str) -> Mapping[type, Any]:
    return {
        bool: True,
        int: number,
        float: float(number),
        Decimal: Decimal(number),
        bytes: bytes([number]),
        date: date(2024, 1, number),
        time: time(number),
        UUID: UUID(int=number),
        str: text,
    }


def _allowed(connection: Connection, table: Table) -> Mapping[str, str]:
    """Return, of the columns that a check holds to a list of texts, the first text that it allows."""
    found: dict[str, str] = {}
    for check in inspect(connection).get_check_constraints(table.name):
        text = str(check["sqltext"])
        if re.search(r"\bIN\b|\bANY\b", text, re.IGNORECASE):
            quoted = _QUOTED.search(text)
            named = [column.name for column in table.columns if re.search(rf"\b{re.escape(column.name)}\b", text)]
            if quoted is not None and len(named) == 1:
                found[named[0]] = quoted[1].replace("''", "'")
    return found


def contents(connection: Connection, tables: Iterable[Table]) -> Mapping[str, Sequence[str]]:
    """Read all rows of tables, whichever columns they have, as text and in order, for comparison."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        table.name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {quote(table.name)}").all()))
        for table in tables
    }
