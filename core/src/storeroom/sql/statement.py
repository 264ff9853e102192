"""`Statement`: a construct that is built once and run in many transactions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, Executable, Row

T = TypeVar("T")

Parameters = Mapping[str, Any]


class Executor(Protocol):
    """Where a statement runs: a unit of work, which counts it and classifies its errors."""

    def execute(self, construct: Executable, parameters: Parameters, fetch: Callable[[CursorResult[Any]], T]) -> T:
        """Run the construct and return what `fetch` makes of its result."""
        ...


class Statement:
    """A SQLAlchemy Core construct with bound parameters, built once.

    Repositories reach the database through this class only. Each method runs the statement once, in the
    transaction of the unit of work it is given, with the keyword arguments as parameters, and raises the
    DatabaseError that fits when the database refuses.
    """

    __slots__ = ("construct",)

    def __init__(self, construct: Executable) -> None:
        self.construct = construct

    def all(self, work: Executor, /, **parameters: Any) -> Sequence[Row[Any]]:
        """Return all rows."""
        return work.execute(self.construct, parameters, CursorResult.all)

    def first(self, work: Executor, /, **parameters: Any) -> Row[Any] | None:
        """Return the first row, or None when there is none."""
        return work.execute(self.construct, parameters, CursorResult.first)

    def scalar(self, work: Executor, /, **parameters: Any) -> Any:
        """Return the first column of the first row, or None when there is no row."""
        return work.execute(self.construct, parameters, CursorResult.scalar)

    def affected(self, work: Executor, /, **parameters: Any) -> int:
        """Return how many rows were changed."""
        return work.execute(self.construct, parameters, _rowcount)


def _rowcount(result: CursorResult[Any]) -> int:
    return result.rowcount
