"""Bulk statements on SQLite: lists of values, as long as a statement may be."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Table

from storeroom.errors import StoreroomError
from storeroom.sql.bulk.constructs import ROWS, insert_text, upsert_text
from storeroom.sql.bulk.rows import Row, RowEncoder, portions, waves
from storeroom.sql.statement import Executor
from storeroom.sql.upsert import Outcomes, UpsertRule, code

# Longer lists gain nothing.
LONGEST_LIST = 500

# SQLite's own limit, which few builds change, and none to less.
MOST_PARAMETERS = 32_766


def insert_rows(work: Executor, table: Table, encoder: RowEncoder, rows: Iterator[Row]) -> int:
    """Insert all rows."""
    text = insert_text(table, encoder.columns, work.dialect)
    number = 0
    for portion in portions(rows, _longest_list(encoder)):
        _run(work, table, text, encoder.columns, portion)
        number += len(portion)
    return number


def upsert_rows(work: Executor, rule: UpsertRule, encoder: RowEncoder, rows: Iterator[Row]) -> Outcomes:
    """Insert or change all rows."""
    text = upsert_text(rule, encoder.fields, encoder.columns, work.dialect)
    key = itemgetter(*(encoder.columns.index(name) for name in rule.key))
    codes = bytearray()
    for portion in portions(rows, _longest_list(encoder)):
        keys = [key(row) for row in portion]
        found = bytearray(len(portion))
        for places in waves(keys):
            written = _run(work, rule.table, text, encoder.columns, [portion[place] for place in places])
            versions = {row[:-1] if len(row) > 2 else row[0]: row[-1] for row in written}
            for place in places:
                found[place] = code(versions.pop(keys[place], None))
            if versions:
                raise _foreign(rule, next(iter(versions)))
        codes += found
    return Outcomes(codes)


def delete_rows(work: Executor, key: Column[Any], rows: Iterator[Row]) -> int:
    """Delete the rows with these keys."""
    quote = work.dialect.identifier_preparer.quote
    deleted = 0
    for portion in portions(rows, LONGEST_LIST):
        text = f"DELETE FROM {quote(key.table.name)} WHERE {quote(key.name)} IN ({','.join('?' * len(portion))})"
        run = partial(_affected, text=text, values=list(chain.from_iterable(portion)))
        deleted += work.on_cursor(run, key.table)
    return deleted


def _run(work: Executor, table: Table, text: str, columns: Sequence[str], rows: Sequence[Row]) -> list[Any]:
    names = ", ".join(map(work.dialect.identifier_preparer.quote, columns))
    marks = f"({','.join('?' * len(columns))})"
    statement = f"WITH {ROWS} ({names}) AS (VALUES {','.join([marks] * len(rows))}) {text}"
    values = list(chain.from_iterable(rows))
    return work.on_cursor(lambda cursor: cursor.execute(statement, values).fetchall(), table)


def _affected(cursor: sqlite3.Cursor, text: str, values: Sequence[Any]) -> int:
    return cursor.execute(text, values).rowcount


def _longest_list(encoder: RowEncoder) -> int:
    return max(1, min(LONGEST_LIST, MOST_PARAMETERS // len(encoder.columns)))


def _foreign(rule: UpsertRule, key: object) -> StoreroomError:
    return StoreroomError(
        f"table {rule.table.name!r} returned the key {key!r}, which wasn't given; use column types of storeroom.sql, "
        "which store values as they are, for the conflict key"
    )
