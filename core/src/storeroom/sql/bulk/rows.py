"""Items on their way into a bulk statement: checked, completed with defaults, made ready for the driver."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.sql.schema import (
    CallableColumnDefault,
    ColumnElementColumnDefault,
    DefaultGenerator,
    ScalarElementColumnDefault,
)

from storeroom.canonical import shown, text_flaw
from storeroom.errors import ValueRefused
from storeroom.inlining import written
from storeroom.types import refuses_text

T = TypeVar("T")

Processor = Callable[[Any], Any]

# A row as the driver takes it, in the order of RowEncoder.columns.
Row = Sequence[Any]


class RowEncoder:
    """Turns items into rows: the fields of the first item, then the columns that have a default of Python's.

    Each value goes through its column's type, as in a statement for one row. `leaves_defaults` tells whether the
    insert has to add defaults; where it has to add SQL, it adds constants too. With `complete` off, rows have the
    fields only.
    """

    def __init__(self, table: Table, fields: Sequence[str], dialect: Dialect, *, complete: bool = True) -> None:
        others = [column for column in table.columns if complete and column.name not in fields]
        self.leaves_defaults = any(isinstance(column.default, ColumnElementColumnDefault) for column in others)
        # A COPY goes straight into the table where rows are complete; other statements write constants once.
        adds_constants = dialect.name == "sqlite" or self.leaves_defaults
        made = [column for column in others if not (adds_constants and is_constant(column))]
        makers = {column.name: maker for column in made if (maker := _maker(column.default)) is not None}
        self.fields = tuple(fields)
        self.columns = (*fields, *makers)
        self._expected = set(fields)
        self._processors = [(field, processor(table, field, dialect)) for field in fields]
        self._write = self._written([(make, processor(table, name, dialect)) for name, make in makers.items()])
        # Core's own types refuse text that no database stores; others leave it to us.
        self._foreign = [place for place, name in enumerate(self.columns) if not refuses_text(table.c[name].type)]

    def encode(self, items: Iterable[Mapping[str, Any]], start: int = 0) -> Iterator[Row]:
        """Yield the row of each item; raises ValueRefused with the field and the item's position."""
        write, foreign = self._write, self._foreign
        for position, item in enumerate(items, start):
            try:
                row = write(item)
            except Exception as error:
                raise self._refusal(error, item, position) from error
            if foreign:
                self._refuse_flawed(row, position)
            yield row

    def _written(self, makers: Sequence[tuple[Callable[[], Any], Processor | None]]) -> Callable[[Any], Row]:
        """Write the function that makes a row of an item, with the types' own expressions in it."""
        scope: dict[str, Any] = {}
        values = [f"v{place}" for place in range(len(self._processors) + len(makers))]
        lines = []
        for value, (field, process) in zip(values, self._processors, strict=False):
            lines += [f"{value} = item[{field!r}]", f"{value} = {written(process, value, scope)}"]
        for value, (make, process) in zip(values[len(self._processors) :], makers, strict=True):
            scope[f"make_{value}"] = make
            lines += [f"{value} = make_{value}()", f"{value} = {written(process, value, scope)}"]
        misfit = f"if len(item) != {len(self._expected)}: raise KeyError"
        source = "\n ".join(["def write(item):", misfit, *lines, f"return ({', '.join(values)},)"])
        exec(source, scope)  # noqa: S102  # of names, places and the column types' own expressions
        write: Callable[[Any], Row] = scope["write"]
        return write

    def _refusal(self, error: Exception, item: Any, position: int) -> Exception:
        """Return what is to be raised for an item that couldn't be encoded."""
        if not isinstance(item, Mapping):
            return no_item(item, position)
        if item.keys() != self._expected:
            return self._misfit(item, position)
        if not isinstance(error, ValueRefused | TypeError | ValueError):
            return error
        for field, process in self._processors:
            try:
                process and process(item[field])
            except (ValueRefused, TypeError, ValueError) as refused:
                return _refused(refused, field, item[field], position)
        return error

    def _refuse_flawed(self, row: Row, position: int) -> None:
        for place in self._foreign:
            value = row[place]
            if type(value) is str and (flaw := text_flaw(value)) is not None:
                problem = ValueError(f"{shown(value)} has {flaw}, which no database here stores; remove it")
                raise _refused(problem, self.columns[place], value, position)

    def _misfit(self, item: Mapping[str, Any], position: int) -> ValueRefused:
        lacking, foreign = sorted(self._expected - item.keys()), sorted(item.keys() - self._expected)
        return ValueRefused(
            f"item {position} has other fields than the first: it lacks {lacking} and adds {foreign}; give all items "
            "of a call the same fields, with None where there is no value",
            value=item,
            field=(lacking or foreign)[0],
            position=position,
        )


def peek(items: Iterable[Any]) -> tuple[Mapping[str, Any] | None, Iterator[Any]]:
    """Return the first item, or None, and all of them; raises ValueRefused where the first has no field."""
    iterator = iter(items)
    for first in iterator:
        if not isinstance(first, Mapping):
            raise no_item(first, 0)
        if not first:
            raise ValueRefused(
                "item 0 has no field; a call sets the fields of its first item, so name at least one",
                value=first,
                position=0,
            )
        return first, chain((first,), iterator)
    return None, iter(())


def no_item(item: object, position: int) -> ValueRefused:
    """Return the error for what isn't a mapping."""
    return ValueRefused(
        f"item {position} is {shown(item)}, which isn't a mapping; give a dict of fields", value=item, position=position
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


def is_constant(column: Column[Any]) -> bool:
    """Tell whether a column's default is a constant that a statement can hold as text."""
    default = column.default
    return (
        isinstance(default, ScalarElementColumnDefault)
        and refuses_text(column.type)
        and isinstance(default.arg, str | int | list | tuple | dict)
    )


def processor(table: Table, name: str, dialect: Dialect) -> Processor | None:
    """Return the function by which a column's type makes a value ready for the driver, if it needs one."""
    return table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)


def _refused(error: Exception, field: str, value: object, position: int) -> ValueRefused:
    return ValueRefused(f"item {position}, {field}: {error}", value=value, field=field, position=position)
