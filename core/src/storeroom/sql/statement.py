"""`Statement`: a construct that is built once and run in many transactions."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import CursorResult, Dialect, Executable, Insert, Row, Table

from storeroom.sql.compiled import Compiled, learn

T = TypeVar("T")

# A statement keeps so many fast ways, one for each engine and set of parameters, before it forgets them all.
_MOST_WAYS = 64

Parameters: TypeAlias = Mapping[str, Any]

# A row of however many columns, of whatever types.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Executor(Protocol):
    """Where a statement runs: a unit of work, which counts it and classifies its errors."""

    @property
    def dialect(self) -> Dialect:
        """The dialect that statements are compiled for."""
        ...

    def execute(self, statement: "Statement", parameters: Parameters, fetch: "Fetch[T]") -> T:
        """Run the statement and return what `fetch` makes of its result."""
        ...

    def stream(self, statement: "Statement", parameters: Parameters, size: int) -> Iterator[AnyRow]:
        """Run the statement and yield its rows, reading so many at a time."""
        ...

    def on_cursor(self, work: Callable[[Any], T], table: Table | None = None, *, patience: float = 1) -> T:
        """Let `work` run one statement on a cursor of the driver's own; it may take `patience` times as long."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what is inside when it raises."""
        ...


@dataclass(frozen=True)
class Fetch(Generic[T]):
    """What is made of a result: of SQLAlchemy's, or of the driver's cursor; `of_rows` where only rows will do.

    `count` tells of what was made how many rows it stands for.
    """

    plain: Callable[[CursorResult[Any]], T]
    fast: Callable[[Compiled, Any], T]
    count: Callable[[T], int]
    of_rows: bool = True


class Statement:
    """A SQLAlchemy Core construct with bound parameters, built once.

    Repositories reach the database through this class only. Each method runs the statement once, in the
    transaction of the unit of work it is given, with the keyword arguments as parameters. It raises ValueRefused,
    which names the parameter, for a value that its column doesn't take, and the DatabaseError that fits when the
    database refuses.
    """

    __slots__ = ("_seen", "_ways", "construct")

    def __init__(self, construct: Executable) -> None:
        # SQLAlchemy forgets how many rows an insert wrote, unless it is told not to.
        is_insert = isinstance(construct, Insert)
        self.construct = construct.execution_options(preserve_rowcount=True) if is_insert else construct
        self._ways: dict[tuple[Dialect, tuple[str, ...]], Compiled | None] = {}
        self._seen: set[tuple[Dialect, tuple[str, ...]]] = set()

    def all(self, work: Executor, /, **parameters: Any) -> Sequence[AnyRow]:
        """Return all rows."""
        return work.execute(self, parameters, ALL)

    def stream(self, work: Executor, /, *, size: int = 1000, **parameters: Any) -> Iterator[AnyRow]:
        """Yield all rows, reading `size` of them at a time, so that memory doesn't grow with their number."""
        return work.stream(self, parameters, size)

    def first(self, work: Executor, /, **parameters: Any) -> AnyRow | None:
        """Return the first row, or None when there is none."""
        return work.execute(self, parameters, FIRST)

    def scalar(self, work: Executor, /, **parameters: Any) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        return work.execute(self, parameters, SCALAR)

    def affected(self, work: Executor, /, **parameters: Any) -> int:
        """Return how many rows were inserted, changed or deleted."""
        return work.execute(self, parameters, AFFECTED)

    def compiled(self, dialect: Dialect, parameters: Parameters) -> Compiled | None:
        """Return the fast way with these parameters, if it is known."""
        return self._ways.get((dialect, tuple(parameters)))

    def learn(self, dialect: Dialect, parameters: Parameters, result: CursorResult[Any]) -> None:
        """Learn the fast way from a plain run, if it is the second: a statement that runs once isn't worth it."""
        shape = (dialect, tuple(parameters))
        if shape in self._ways:
            return
        if shape in self._seen:
            self._ways[shape] = learn(result, parameters)
            return
        if len(self._seen) >= _MOST_WAYS:
            self._seen, self._ways = set(), {}
        self._seen.add(shape)


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
FIRST: Fetch[AnyRow | None] = Fetch(CursorResult.first, _first, lambda row: int(row is not None))
SCALAR: Fetch[Any] = Fetch(CursorResult.scalar, _scalar, lambda value: int(value is not None))
AFFECTED: Fetch[int] = Fetch(_affected_plainly, _affected, int, of_rows=False)
