"""Primary keys of rows that arrive: kept where they are free, replaced where they aren't, and how numbering goes on."""

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import count
from typing import Any, cast

from sqlalchemy import Column, text
from sqlalchemy.sql.schema import CallableColumnDefault

from storeroom.sql import Executor, Statement

# A key beyond leaves too little room for those that the database gives after it.
LARGEST_KEPT = 1 << 62

_SEQUENCE = Statement(text("SELECT pg_get_serial_sequence(:table, :column)"))


def given_keys(column: Column[Any], wanted: Sequence[Any], taken: Set[Any]) -> Iterator[Any]:
    """Yield the key that each row gets: the one that it had, if that is free; None asks for one."""
    kept = [key for key in wanted if key is not None and not _is_too_large(key)]
    fresh = _fresh_keys(column, {*kept, *taken})
    used = set(taken)
    for key in wanted:
        given = next(fresh) if key is None or key in used or _is_too_large(key) else key
        used.add(given)
        yield given


def go_on_from_largest(work: Executor, column: Column[Any]) -> None:
    """Let PostgreSQL number new rows from beyond the keys that were kept, never from further back; SQLite does so."""
    if work.dialect.name != "postgresql":
        return
    sequence = _SEQUENCE.scalar(work, table=column.table.name, column=column.name)
    if sequence is not None:
        quote = work.dialect.identifier_preparer.quote
        largest = f"SELECT max({quote(column.name)}) FROM {quote(column.table.name)}"
        last = f"SELECT last_value FROM {sequence}"
        Statement(text(f"SELECT setval('{sequence}', greatest(1, ({largest}), ({last})))")).scalar(work)


def _fresh_keys(column: Column[Any], used: Set[Any]) -> Iterator[Any]:
    if isinstance(column.default, CallableColumnDefault):
        make = cast("Callable[[Any], Any]", column.default.arg)
        return (make(None) for _ in count())
    return count(max([0, *used]) + 1)


def _is_too_large(key: Any) -> bool:
    return isinstance(key, int) and key > LARGEST_KEPT
