"""What is made of a statement's result: rows, a value, a count, or what a reader makes of rows."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import CursorResult, Row

from storeroom.sql.compiled import Compiled, RowReader

T = TypeVar("T")

# A row of however many columns, of whatever types.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Fetch(Generic[T]):
    """What is made of a result: of SQLAlchemy's, or of the driver's cursor; `of_rows` where only rows will do.

    `count` tells of what was made how many rows it stands for.
    """

    plain: Callable[[CursorResult[Any]], T]
    fast: Callable[[Compiled, Any], T]
    count: Callable[[T], int]
    of_rows: bool = True


@dataclass(frozen=True)
class Batch(Generic[T]):
    """What is made of some of a result's rows: of SQLAlchemy's, or of the driver's."""

    plain: Callable[[Sequence[AnyRow]], Sequence[T]]
    fast: Callable[[Compiled, Sequence[Any]], Sequence[T]]


class Reads(Generic[T]):
    """The fetches by one reader: of all rows, the first, the first with its last column, and a page's with the last.

    A page asks for one row more than it shows; the last that it shows is given as a row as well, to begin the next by.
    """

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self.read = reader.read
        self.batch: Batch[T] = Batch(self._read, lambda way, rows: way.reading(reader)(rows))
        self.all: Fetch[Sequence[T]] = Fetch(self._all_plainly, self._all, len)
        self.first: Fetch[T | None] = Fetch(self._first_plainly, self._first, _is_there)
        self.first_and_last: Fetch[tuple[T, Any] | None] = Fetch(
            self._first_and_last_plainly, self._first_and_last, _is_there
        )
        self.page: Fetch[tuple[Sequence[T], AnyRow | None]] = Fetch(
            self._page_plainly, self._page, lambda it: len(it[0])
        )

    def _read(self, rows: Sequence[AnyRow]) -> Sequence[T]:
        return list(map(self._reader.read, rows))

    def _all(self, way: Compiled, cursor: Any) -> Sequence[T]:
        return way.reading(self._reader)(cursor.fetchall())

    def _all_plainly(self, result: CursorResult[Any]) -> Sequence[T]:
        return self._read(result.all())

    def _first(self, way: Compiled, cursor: Any) -> T | None:
        row = cursor.fetchone()
        return None if row is None else way.reading(self._reader)((row,))[0]

    def _first_plainly(self, result: CursorResult[Any]) -> T | None:
        row = result.first()
        return None if row is None else self._reader.read(row)

    def _first_and_last(self, way: Compiled, cursor: Any) -> tuple[T, Any] | None:
        row = cursor.fetchone()
        return None if row is None else (way.reading(self._reader)((row,))[0], way.last_of(row))

    def _first_and_last_plainly(self, result: CursorResult[Any]) -> tuple[T, Any] | None:
        row = result.first()
        return None if row is None else (self._reader.read(row), row[-1])

    def _page(self, way: Compiled, cursor: Any) -> tuple[Sequence[T], AnyRow | None]:
        rows = cursor.fetchall()
        return way.reading(self._reader)(rows), way.one_row(rows[-2]) if len(rows) > 1 else None

    def _page_plainly(self, result: CursorResult[Any]) -> tuple[Sequence[T], AnyRow | None]:
        rows = result.all()
        return self._read(rows), rows[-2] if len(rows) > 1 else None


class Readable(Protocol):
    """A class of records, which has the fetches by its own reader."""

    @classmethod
    def reads(cls) -> Reads[Any]:
        """Return them."""
        ...


def _is_there(found: object) -> int:
    return int(found is not None)


def _first(way: Compiled, cursor: Any) -> AnyRow | None:
    row = cursor.fetchone()
    return None if row is None else way.one_row(row)


def _scalar(way: Compiled, cursor: Any) -> Any:
    row = cursor.fetchone()
    return None if row is None else way.one_row(row)[0]


def _affected(way: Compiled, cursor: Any) -> int:
    if way.returns_rows:
        return len(cursor.fetchall())
    count = cast("int", cursor.rowcount)
    if count < 0 and isinstance(cursor, sqlite3.Cursor):
        return cast("int", cursor.execute(_CHANGES).fetchone()[0])
    return count


def _affected_plainly(result: CursorResult[Any]) -> int:
    if result.returns_rows:
        # SQLAlchemy takes the keys that it asks an insert to return.
        return len(result.all()) or max(result.rowcount, 0)
    if result.rowcount < 0 and result.context.dialect.name == "sqlite":
        return cast("int", result.connection.exec_driver_sql(_CHANGES).scalar_one())
    return result.rowcount


# Python's module doesn't count the changes of a statement that begins with WITH.
_CHANGES = "SELECT changes()"

ALL: Fetch[Sequence[AnyRow]] = Fetch(CursorResult.all, lambda way, cursor: way.rows(cursor.fetchall()), len)
FIRST: Fetch[AnyRow | None] = Fetch(CursorResult.first, _first, _is_there)
SCALAR: Fetch[Any] = Fetch(CursorResult.scalar, _scalar, _is_there)
AFFECTED: Fetch[int] = Fetch(_affected_plainly, _affected, int, of_rows=False)

# Rows themselves, as SQLAlchemy makes them.
ROWS: Batch[AnyRow] = Batch(lambda rows: rows, lambda way, rows: way.rows(rows))
