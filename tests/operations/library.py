"""What the tests of operations do with the shelf."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, insert, select

from storeroom import Settings, Statement, Storeroom
from storeroom.operations.adoption import AdoptionReport, Fate, TableReport
from tests.operations.shelf import plugin
from tests.operations.shelf.models import Author, Book, Day, Loan

authors, books, loans, days = (cast("Table", model.__table__) for model in (Author, Book, Loan, Day))
PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)


def open_room(url: str, *, upgrade: bool = False) -> Storeroom:
    return Storeroom.open(url, plugins={"shelf": plugin}, discover=False, upgrade=upgrade, settings=PATIENT)


def adopt(room: Storeroom, file: Path, **options: Any) -> Mapping[str, TableReport]:
    """Adopt a file, and return what became of each table, which adds up."""
    return by_table(room.adopt("oldshelf", file, **options))


def by_table(report: AdoptionReport) -> Mapping[str, TableReport]:
    for each in report.tables:
        assert each.read == each.written + each.merged + each.known + each.left_out
        assert each.merged == each.count(Fate.MERGED)
        assert each.left_out == each.count(Fate.LEFT_OUT)
    return {each.table: each for each in report.tables}


def counts(report: TableReport) -> tuple[int, int, int, int]:
    """How many rows were written, merged, known and left out."""
    return report.written, report.merged, report.known, report.left_out


def told(report: TableReport) -> Sequence[tuple[str, str, str]]:
    return [(str(note.fate), note.key, note.cause) for note in report.notes]


def rows(room: Storeroom, table: Table) -> Sequence[Any]:
    with room.read() as uow:
        return Statement(select(table).order_by(*table.primary_key.columns)).all(uow)


def put(room: Storeroom, table: Table, **fields: Any) -> Any:
    """Insert a row as a program would, and return its key."""
    with room.write() as uow:
        return Statement(insert(table).returning(*table.primary_key.columns)).scalar(uow, **fields)
