"""Rows on their way into PostgreSQL: as a JSON document while they are few, else in a temporary table."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Table

from storeroom.sql.bulk.constructs import POSITION
from storeroom.sql.bulk.rows import Row, portions
from storeroom.sql.statement import Executor
from storeroom.types import JSONDocument

# Between two COPYs the connection is free, so that the items may come from the same database.
LONGEST_COPY = 10_000

# A statement over many rows may take as many times the usual limit as there are such lots in it.
LOT = 10_000

_numbers = count()


@dataclass(frozen=True)
class Stage:
    """A temporary table with rows, and how many."""

    name: str
    length: int

    @property
    def patience(self) -> float:
        """How many times the usual limit a statement over all rows may take."""
        return max(1, self.length / LOT)


@contextmanager
def staged(
    work: Executor, table: Table, columns: Sequence[str], rows: Iterable[Row], key: Sequence[str] = ()
) -> Iterator[Stage]:
    """Have the rows in a temporary table of its own while the block runs; what is joined by the key is planned for it.

    Its name is new each time: the items may come from a generator that makes bulk calls as well.
    """
    name = f"storeroom_stage_{next(_numbers)}"
    definitions = ", ".join([f"{POSITION} integer", *_definitions(work, table, columns)])
    run(work, table, f"CREATE TEMPORARY TABLE {name} ({definitions}) ON COMMIT DROP")
    numbered = ((position, *row) for position, row in enumerate(rows))
    length = copy(work, table, name, [POSITION, *columns], numbered)
    stage = Stage(name, length)
    if key:
        run(work, table, f"ANALYZE {name} ({', '.join(quoted(work, each) for each in key)})", patience=stage.patience)
    yield stage
    run(work, table, f"DROP TABLE {name}")


def copy(work: Executor, table: Table, target: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Copy the rows into a table, and return how many."""
    names = ", ".join(quoted(work, name) for name in columns)
    number = 0
    for portion in portions(rows, LONGEST_COPY):
        work.on_cursor(partial(_copy, f"COPY {target} ({names}) FROM STDIN", portion), table)
        number += len(portion)
    return number


def _copy(text: str, rows: Sequence[Row], cursor: Any) -> None:
    with cursor.copy(text) as channel:
        for row in rows:
            channel.write_row(row)


def document(work: Executor, table: Table, columns: Sequence[str]) -> str:
    """Return the query of the rows in the JSON document that is the statement's parameter."""
    definitions = ", ".join([f"{POSITION} integer", *_definitions(work, table, columns)])
    return f"SELECT * FROM jsonb_to_recordset(%s::jsonb) AS given({definitions})"


def to_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return that document."""
    names = (POSITION, *columns)
    documents = [dict(zip(names, (position, *row), strict=True)) for position, row in enumerate(rows)]
    return json.dumps(documents, default=_as_json)


def run(work: Executor, table: Table, text: str, *parameters: Any, patience: float = 1) -> Any:
    """Run a statement, and return how many rows it changed and its first row, if it has one."""
    return work.on_cursor(partial(_run, text, parameters), table, patience=patience)


def _run(text: str, parameters: Sequence[Any], cursor: Any) -> tuple[int, Any]:
    cursor.execute(text, parameters, prepare=False)
    return cursor.rowcount, cursor.fetchone() if cursor.description else None


def quoted(work: Executor, name: str) -> str:
    """Return a name as the database takes it."""
    return str(work.dialect.identifier_preparer.quote(name))


def _definitions(work: Executor, table: Table, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        kind = table.columns[name].type
        # A document is staged as the text that it is: inside a JSON document it would be taken for text.
        text = "text" if isinstance(kind, JSONDocument) else kind.compile(dialect=work.dialect)
        yield f"{quoted(work, name)} {text}"


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    return value.obj if hasattr(value, "obj") else str(value)  # a document in the driver's wrapper; a time, a number
