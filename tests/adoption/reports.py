"""Looks at what an adoption reports."""

from collections.abc import Mapping
from typing import Any

Counts = tuple[int, int, int, int, int]


def counts(report: Any) -> Mapping[tuple[str, str], Counts]:
    """Return how many rows were read, written, merged, known and left out, by the tables there and here."""
    return {
        (each.table, each.target): (each.read, each.written, each.merged, each.known, each.left_out)
        for each in report.tables
    }


def table(report: Any, source: str, target: str | None = None) -> Any:
    """Return the report of one table."""
    (found,) = (
        each
        for each in report.tables
        if each.table == source and each.target in (target or each.target, target) and each.target != "profiles_default"
    )
    return found


def notes(report: Any) -> Mapping[str, Mapping[str, list[str]]]:
    """Return what is told of rows: by table there, and the row's key there."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in report.tables:
        for note in each.notes:
            found.setdefault(each.table, {}).setdefault(note.key, []).append(f"{note.fate.value}: {note.cause}")
    return found
