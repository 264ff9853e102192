"""`Statement`: a construct that is built once and run in many transactions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import CursorResult, Dialect, Executable, Insert, Row, Table

T = TypeVar("T")

Parameters: TypeAlias = Mapping[str, Any]

# A row of however many columns, of whatever types.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class Executor(Protocol):
    """Where a statement runs: a unit of work, which counts it and classifies its errors."""

    @property
    def dialect(self) -> Dialect:
        """The dialect that statements are compiled for."""
        ...

    def execute(self, construct: Executable, parameters: Parameters, fetch: Callable[[CursorResult[Any]], T]) -> T:
        """Run the construct and return what `fetch` makes of its result."""
        ...

    def stream(self, construct: Executable, parameters: Parameters, size: int) -> Iterator[AnyRow]:
        """Run the construct and yield its rows, reading so many at a time."""
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

    __slots__ = ("construct",)

    def __init__(self, construct: Executable) -> None:
        # SQLAlchemy forgets how many rows an insert wrote, unless it is told not to.
        is_insert = isinstance(construct, Insert)
        self.construct = construct.execution_options(preserve_rowcount=True) if is_insert else construct

    def all(self, work: Executor, /, **parameters: Any) -> Sequence[AnyRow]:
        """Return all rows."""
        return work.execute(self.construct, parameters, CursorResult.all)

    def stream(self, work: Executor, /, *, size: int = 1000, **parameters: Any) -> Iterator[AnyRow]:
        """Yield all rows, reading `size` of them at a time, so that memory doesn't grow with their number."""
        return work.stream(self.construct, parameters, size)

    def first(self, work: Executor, /, **parameters: Any) -> AnyRow | None:
        """Return the first row, or None when there is none."""
        return work.execute(self.construct, parameters, CursorResult.first)

    def scalar(self, work: Executor, /, **parameters: Any) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        return work.execute(self.construct, parameters, CursorResult.scalar)

    def affected(self, work: Executor, /, **parameters: Any) -> int:
        """Return how many rows were inserted, changed or deleted."""
        return work.execute(self.construct, parameters, _rowcount)


def _rowcount(result: CursorResult[Any]) -> int:
    if result.returns_rows:
        return len(result.all())
    if result.rowcount < 0 and result.context.dialect.name == "sqlite":
        # Python's module doesn't count the changes of a statement that begins with WITH.
        return cast("int", result.connection.exec_driver_sql("SELECT changes()").scalar_one())
    return result.rowcount
