"""Bulk statements on PostgreSQL: from a JSON document of rows while they are few, else by COPY.

Rows that may conflict are staged as a whole before the first is written: they are locked in the order of their keys
over the whole call, or two calls at once would deadlock.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Table

from storeroom.sql.bulk.constructs import POSITION, ROWS, insert_text, upsert_text
from storeroom.sql.bulk.rows import Row, RowEncoder, waves
from storeroom.sql.bulk.staging import Stage, copy, document, quoted, run, staged, to_json
from storeroom.sql.statement import Executor
from storeroom.sql.upsert import VERSION, Outcomes, UpsertRule

# Up to so many rows, a JSON document is faster than a COPY.
FEW = 1000

_CODE = f"CASE WHEN written.{VERSION} IS NULL THEN '=' WHEN written.{VERSION} = 1 THEN '+' ELSE '~' END"


def insert_rows(work: Executor, table: Table, encoder: RowEncoder, rows: Iterator[Row]) -> int:
    """Insert all rows."""
    columns = encoder.columns
    few = list(islice(rows, FEW + 1))
    text = insert_text(table, columns, work.dialect)
    if len(few) <= FEW:
        run(work, table, f"WITH {ROWS} AS ({document(work, table, columns)}) {text}", to_json(columns, few))
        return len(few)
    if not encoder.leaves_defaults:
        return copy(work, table, quoted(work, table.name), columns, chain(few, rows))
    with staged(work, table, columns, chain(few, rows)) as stage:
        run(work, table, f"WITH {ROWS} AS (SELECT * FROM {stage.name}) {text}", patience=stage.patience)
    return stage.length


def upsert_rows(work: Executor, rule: UpsertRule, encoder: RowEncoder, rows: Iterator[Row]) -> Outcomes:
    """Insert or change all rows."""
    few = list(islice(rows, FEW + 1))
    written = f"written AS ({upsert_text(rule, encoder.fields, encoder.columns, work.dialect)})"
    if len(few) <= FEW:
        return _upsert_few(work, rule, encoder.columns, written, few)
    with staged(work, rule.table, encoder.columns, chain(few, rows), rule.key) as stage:
        most = _most_occurrences(work, rule, stage)
        if most > 1:
            return Outcomes(_upsert_repeated(work, rule, stage, written, most).encode())
        text = f"WITH {ROWS} AS (SELECT * FROM {stage.name}), {written} {_codes(work, rule)}"
        _, (codes,) = run(work, rule.table, text, patience=stage.patience)
        return Outcomes(codes.encode())


def delete_rows(work: Executor, key: Column[Any], rows: Iterator[Row]) -> int:
    """Delete the rows with these keys."""
    few = list(islice(rows, FEW + 1))
    table, name = quoted(work, key.table.name), quoted(work, key.name)
    if len(few) <= FEW:
        given = f"WITH {ROWS} AS ({document(work, key.table, [key.name])})"
        text = f"{given} DELETE FROM {table} WHERE {name} = ANY(ARRAY({_locked(table, name, name)}))"
        deleted, _ = run(work, key.table, text, to_json([key.name], few))
        return int(deleted)
    with staged(work, key.table, [key.name], chain(few, rows)) as stage:
        # A row that is locked stays at its place, and the next statement sees what others changed before that.
        places = f"{stage.name}_places"
        given = f"WITH {ROWS} AS (SELECT * FROM {stage.name})"
        text = f"CREATE TEMPORARY TABLE {places} ON COMMIT DROP AS {given} {_locked(table, name, 'ctid')}"
        run(work, key.table, text, patience=stage.patience)
        text = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT place FROM {places}))"
        deleted, _ = run(work, key.table, text, patience=stage.patience)
        run(work, key.table, f"DROP TABLE {places}")
        return int(deleted)


def _locked(table: str, name: str, wanted: str) -> str:
    """Return the query that locks the rows with the given keys in their order, and has this column of them.

    Each is looked up on its own. A join would be planned by what is known of the table, which is wrong where it was
    analysed before its rows were committed: as if it were empty, each key would be compared with each row.
    """
    found = f"SELECT {wanted} AS place FROM {table} WHERE {table}.{name} = given.{name} FOR UPDATE"
    keys = f"SELECT {name} FROM {ROWS} ORDER BY 1"
    return f"SELECT place FROM ({keys}) AS given CROSS JOIN LATERAL ({found}) AS locked"


def _upsert_few(
    work: Executor, rule: UpsertRule, columns: Sequence[str], written: str, rows: Sequence[Row]
) -> Outcomes:
    text = f"WITH {ROWS} AS ({document(work, rule.table, columns)}), {written} {_codes(work, rule)}"
    key = itemgetter(*(columns.index(name) for name in rule.key))
    codes = bytearray(len(rows))
    for places in waves([key(row) for row in rows]):
        _, (found,) = run(work, rule.table, text, to_json(columns, [rows[place] for place in places]))
        for place, code in zip(places, found.encode(), strict=True):
            codes[place] = code
    return Outcomes(codes)


def _most_occurrences(work: Executor, rule: UpsertRule, stage: Stage) -> int:
    """Return how often the most frequent key occurs."""
    text = f"SELECT max(nth) FROM ({_numbered(work, rule, stage)}) AS numbered"
    _, (most,) = run(work, rule.table, text, patience=stage.patience)
    return int(most)


def _upsert_repeated(work: Executor, rule: UpsertRule, stage: Stage, written: str, most: int) -> str:
    """Write the first occurrences of all keys, then the second, and so on; return the codes in the items' order."""
    table, repeated, outcomes = rule.table, f"{stage.name}_repeated", f"{stage.name}_outcomes"
    for text in (
        f"CREATE TEMPORARY TABLE {outcomes} ({POSITION} integer, code text) ON COMMIT DROP",
        f"CREATE TEMPORARY TABLE {repeated} ON COMMIT DROP AS "
        f"SELECT * FROM ({_numbered(work, rule, stage)}) AS numbered WHERE nth > 1",
        f"CREATE INDEX ON {repeated} (nth)",
        f"CREATE INDEX ON {stage.name} ({POSITION})",
        f"ANALYZE {repeated}",
    ):
        run(work, table, text, patience=stage.patience)
    insert = f"INSERT INTO {outcomes} SELECT {ROWS}.{POSITION}, {_CODE} FROM {_joined(work, rule)}"
    # Not NOT IN, which compares each row with each as soon as they don't fit into work_mem.
    same = f"{repeated}.{POSITION} = {stage.name}.{POSITION}"
    first = f"SELECT * FROM {stage.name} WHERE NOT EXISTS (SELECT FROM {repeated} WHERE {same})"
    later = f"SELECT {stage.name}.* FROM {stage.name} JOIN {repeated} ON {same} WHERE {repeated}.nth = %s"
    run(work, table, f"WITH {ROWS} AS ({first}), {written} {insert}", patience=stage.patience)
    for nth in range(2, most + 1):
        run(work, table, f"WITH {ROWS} AS ({later}), {written} {insert}", nth, patience=stage.patience)
    text = f"SELECT string_agg(code, '' ORDER BY {POSITION}) FROM {outcomes}"
    _, (codes,) = run(work, table, text, patience=stage.patience)
    run(work, table, f"DROP TABLE {repeated}, {outcomes}")
    return str(codes)


def _numbered(work: Executor, rule: UpsertRule, stage: Stage) -> str:
    key = ", ".join(quoted(work, name) for name in rule.key)
    return f"SELECT {POSITION}, row_number() OVER (PARTITION BY {key} ORDER BY {POSITION}) AS nth FROM {stage.name}"


def _codes(work: Executor, rule: UpsertRule) -> str:
    return f"SELECT string_agg({_CODE}, '' ORDER BY {ROWS}.{POSITION}) FROM {_joined(work, rule)}"


def _joined(work: Executor, rule: UpsertRule) -> str:
    return f"{ROWS} LEFT JOIN written USING ({', '.join(quoted(work, name) for name in rule.key)})"
