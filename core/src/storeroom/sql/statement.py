"""`Statement`: a construct that is built once and run in many transactions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import CursorResult, Dialect, Executable, Insert, Table

from storeroom.sql.compiled import Compiled, learn
from storeroom.sql.fetch import AFFECTED, ALL, FIRST, ROWS, SCALAR, AnyRow, Batch, Fetch, Readable

T = TypeVar("T")
RecordT = TypeVar("RecordT", bound=Readable)

# A statement keeps so many fast ways, one for each engine and set of parameters, before it forgets them all.
_MOST_WAYS = 64

Parameters: TypeAlias = Mapping[str, Any]


class Executor(Protocol):
    """Where a statement runs: a unit of work, which counts it and classifies its errors."""

    @property
    def dialect(self) -> Dialect:
        """The dialect that statements are compiled for."""
        ...

    def execute(self, statement: "Statement", parameters: Parameters, fetch: "Fetch[T]") -> T:
        """Run the statement and return what `fetch` makes of its result."""
        ...

    def stream(self, statement: "Statement", parameters: Parameters, size: int, batch: Batch[T]) -> Iterator[T]:
        """Run the statement and yield what `batch` makes of its rows, reading so many at a time."""
        ...

    def on_cursor(self, work: Callable[[Any], T], table: Table | None = None, *, patience: float = 1) -> T:
        """Let `work` run one statement on a cursor of the driver's own; it may take `patience` times as long."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what is inside when it raises."""
        ...


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
        return work.stream(self, parameters, size, ROWS)

    def first(self, work: Executor, /, **parameters: Any) -> AnyRow | None:
        """Return the first row, or None when there is none."""
        return work.execute(self, parameters, FIRST)

    def scalar(self, work: Executor, /, **parameters: Any) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        return work.execute(self, parameters, SCALAR)

    def affected(self, work: Executor, /, **parameters: Any) -> int:
        """Return how many rows were inserted, changed or deleted."""
        return work.execute(self, parameters, AFFECTED)

    def records(self, work: Executor, record: type[RecordT], /, **parameters: Any) -> Sequence[RecordT]:
        """Return the records of all rows, which have the record's fields, in their order, and maybe more at the end."""
        return work.execute(self, parameters, record.reads().all)

    def record(self, work: Executor, record: type[RecordT], /, **parameters: Any) -> RecordT | None:
        """Return the record of the first row, or None when there is no row."""
        return work.execute(self, parameters, record.reads().first)

    def stream_records(
        self, work: Executor, record: type[RecordT], /, *, size: int = 1000, **parameters: Any
    ) -> Iterator[RecordT]:
        """Yield the records of all rows, reading `size` of them at a time."""
        return work.stream(self, parameters, size, record.reads().batch)

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
