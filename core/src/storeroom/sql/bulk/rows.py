"""Items on their way into a bulk statement: checked, completed with defaults, made ready for the driver."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.sql.schema import (
    CallableColumnDefault,
    ColumnElementColumnDefault,
    DefaultGenerator,
    ScalarElementColumnDefault,
)

from storeroom.errors import ValueRefused

T = TypeVar("T")

# A row as the driver takes it, in the order of RowEncoder.columns.
Row = Sequence[Any]


class RowEncoder:
    """Turns items into rows: the fields of the first item, then the columns that have a default of Python's.

    Each value goes through its column's type, as in a statement for one row. `leaves_defaults` tells whether the
    insert has to add defaults that are SQL. With `complete` off, rows have the fields only.
    """

    def __init__(self, table: Table, fields: Sequence[str], dialect: Dialect, *, complete: bool = True) -> None:
        others = [column for column in table.columns if complete and column.name not in fields]
        makers = {column.name: maker for column in others if (maker := _maker(column.default)) is not None}
        self.fields = tuple(fields)
        self.columns = (*fields, *makers)
        self.leaves_defaults = any(isinstance(column.default, ColumnElementColumnDefault) for column in others)
        self._expected = set(fields)
        self._processors = [(field, _processor(table, field, dialect)) for field in fields]
        self._makers = [(make, _processor(table, name, dialect)) for name, make in makers.items()]

    def encode(self, items: Iterable[Mapping[str, Any]], start: int = 0) -> Iterator[Row]:
        """Yield the row of each item; raises ValueRefused with the field and the item's position."""
        for position, item in enumerate(items, start):
            if item.keys() != self._expected:
                raise self._misfit(item, position)
            yield self._encode(item, position)

    def _encode(self, item: Mapping[str, Any], position: int) -> Row:
        row: list[Any] = []
        try:
            for field, process in self._processors:
                value = item[field]
                row.append(value if process is None else process(value))
            for make, process in self._makers:
                value = make()
                row.append(value if process is None else process(value))
        except (ValueRefused, TypeError, ValueError) as error:
            field = self.columns[len(row)]
            raise _refused(error, field, item.get(field), position) from error
        for field, value in zip(self.columns, row, strict=True):
            if type(value) is str and "\0" in value:
                problem = ValueError(f"{value!r} has a NUL character, which no database here stores; remove it")
                raise _refused(problem, field, value, position)
        return row

    def _misfit(self, item: Mapping[str, Any], position: int) -> ValueRefused:
        lacking, foreign = sorted(self._expected - item.keys()), sorted(item.keys() - self._expected)
        return ValueRefused(
            f"item {position} has other fields than the first: it lacks {lacking} and adds {foreign}; give all items "
            "of a call the same fields, with None where there is no value",
            value=item,
            position=position,
        )


def portions(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the rows in lists of at most so many."""
    iterator = iter(rows)
    while portion := list(islice(iterator, size)):
        yield portion


def waves(keys: Sequence[Hashable]) -> Sequence[Sequence[int]]:
    """Return the places of keys so that none occurs twice in one list: the k-th occurrences together, in order."""
    if len(set(keys)) == len(keys):
        return [range(len(keys))]
    occurrences: Counter[Hashable] = Counter()
    found: list[list[int]] = []
    for place, key in enumerate(keys):
        if occurrences[key] == len(found):
            found.append([])
        found[occurrences[key]].append(place)
        occurrences[key] += 1
    return found


def _maker(default: DefaultGenerator | None) -> Callable[[], Any] | None:
    if isinstance(default, CallableColumnDefault):
        return partial(
            cast("Callable[[Any], Any]", default.arg), None
        )  # SQLAlchemy gives it a context, for most unused
    if isinstance(default, ScalarElementColumnDefault):
        return partial(_same, default.arg)
    return None


def _same(value: Any) -> Any:
    return value


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)


def _refused(error: Exception, field: str, value: object, position: int) -> ValueRefused:
    return ValueRefused(f"item {position}, {field}: {error}", value=value, field=field, position=position)
