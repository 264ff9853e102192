"""The bulk operations, each by the way of its database, whole or not at all."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from sqlalchemy import Column, Table

from storeroom.sql.bulk import postgresql, sqlite
from storeroom.sql.bulk.rows import Row, RowEncoder, peek
from storeroom.sql.statement import Executor
from storeroom.sql.upsert import Outcomes, UpsertRule

Item = Mapping[str, Any]


class Way(Protocol):
    """How a database writes many rows; each is a module."""

    def insert_rows(self, work: Executor, table: Table, encoder: RowEncoder, rows: Iterator[Row]) -> int:
        """Insert all rows."""
        ...

    def upsert_rows(self, work: Executor, rule: UpsertRule, encoder: RowEncoder, rows: Iterator[Row]) -> Outcomes:
        """Insert or change all rows."""
        ...

    def delete_rows(self, work: Executor, key: Column[Any], rows: Iterator[Row]) -> int:
        """Delete the rows with these keys."""
        ...


def insert_many(work: Executor, table: Table, items: Iterable[Item]) -> int:
    """Insert a row for each item and return how many; all or none.

    SQLite: a statement for each 500 rows. PostgreSQL: one up to 1,000 rows, above that a COPY for each 10,000.
    Items are read as they are written, so that memory doesn't grow with their number.

    Raises ValueRefused, with field and position, and the ConstraintViolated that fits; nothing is left behind.
    """
    first, items = peek(items)
    if first is None:
        return 0
    encoder = RowEncoder(table, tuple(first), work.dialect)
    with work.savepoint():
        return _way(work).insert_rows(work, table, encoder, encoder.encode(items))


def upsert_many(work: Executor, rule: UpsertRule, items: Iterable[Item]) -> Outcomes:
    """Insert or change a row for each item, and return each one's outcome; all or none.

    Outcomes and versions are those of upserts one by one, in the order of the items, also where a key occurs twice.
    SQLite: a statement for each 500 rows. PostgreSQL: one up to 1,000 rows; above that all are staged in a temporary
    table first, by a COPY for each 10,000, and written by one statement in the order of their keys, so that
    concurrent calls don't deadlock. Where a key occurs several times, there is one more for each further occurrence.

    Raises as insert_many does.
    """
    first, items = peek(items)
    if first is None:
        return Outcomes(b"")
    encoder = RowEncoder(rule.table, tuple(first), work.dialect)
    with work.savepoint():
        return _way(work).upsert_rows(work, rule, encoder, encoder.encode(items))


def delete_many(work: Executor, key: Column[Any], keys: Iterable[Any]) -> int:
    """Delete the rows with these keys and return how many there were; all or none.

    SQLite: a statement for each 500 keys. PostgreSQL: one up to 1,000; above that, as upsert_many.
    """
    encoder = RowEncoder(key.table, (key.name,), work.dialect, complete=False)
    with work.savepoint():
        return _way(work).delete_rows(work, key, encoder.encode({key.name: each} for each in keys))


def _way(work: Executor) -> Way:
    return sqlite if work.dialect.name == "sqlite" else postgresql
