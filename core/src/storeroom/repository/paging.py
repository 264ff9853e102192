"""Pages by keyset: a cursor says after which row the next page begins, so that no row is missed or seen twice."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import JSON, Column, ColumnElement, and_, bindparam, tuple_
from sqlalchemy.types import TypeDecorator

from storeroom.canonical import shown
from storeroom.sql import ascending, descending
from storeroom.types import Choice, JSONDocument, NoneAsEmpty

RecordT = TypeVar("RecordT")

_AS_JSON = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")


@dataclass(frozen=True)
class Page(Generic[RecordT]):
    """A page of records, and the cursor of the next one; None when this is the last."""

    items: tuple[RecordT, ...]
    next: str | None


@dataclass(frozen=True)
class NumberedPage(Generic[RecordT]):
    """A page of records by its number, from 1, of so many pages with so many records in total."""

    items: tuple[RecordT, ...]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)


@dataclass(frozen=True)
class SortKey:
    """A column to sort by, and its direction."""

    column: Column[Any]
    descends: bool

    @property
    def order(self) -> ColumnElement[Any]:
        """The order, in which NULL is smallest."""
        return descending(self.column) if self.descends else ascending(self.column)

    @property
    def name(self) -> str:
        """The name that callers sort by."""
        return f"-{self.column.name}" if self.descends else self.column.name

    @property
    def can_be_null(self) -> bool:
        """Whether rows may have NULL here, which Python's None isn't in every column."""
        return bool(self.column.nullable) and not isinstance(self.column.type, NoneAsEmpty)

    def ordered(self, element: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the same order for a column of a subquery, which no index serves."""
        if not self.can_be_null:
            return element.desc() if self.descends else element.asc()
        return element.desc().nulls_last() if self.descends else element.asc().nulls_first()

    def beyond(self, value: ColumnElement[Any], *, is_null: bool) -> Sequence[ColumnElement[bool]]:
        """Return the ranges that come after a value, the nearest first. NULL is smallest."""
        if is_null:
            return [] if self.descends else [self.column.is_not(None)]
        if not self.descends:
            return [self.column > value]
        return [self.column < value, self.column.is_(None)] if self.can_be_null else [self.column < value]


@dataclass(frozen=True)
class Order:
    """A total order of rows: the columns to sort by, the primary key last."""

    keys: tuple[SortKey, ...]

    @cached_property
    def name(self) -> str:
        """The names to sort by, as callers give them."""
        return ",".join(key.name for key in self.keys)

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """The columns whose values are in a cursor."""
        return [key.column for key in self.keys]

    @property
    def clauses(self) -> Sequence[ColumnElement[Any]]:
        """What to order by."""
        return [key.order for key in self.keys]

    def encode(self, values: Sequence[Any]) -> str:
        """Return the cursor of the row with these values."""
        text = self._label.encode() + b"\n" + self._adapter.dump_json(tuple(values))
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    def decode(self, cursor: str) -> Sequence[Any]:
        """Return the values of a cursor; raises ValueError when it isn't one of this table and order."""
        if not isinstance(cursor, str):
            raise ValueError("it isn't text")
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            label, _, values = base64.b64decode(padded, altchars=b"-_", validate=True).partition(b"\n")
            if label == self._label.encode():
                return self._adapter.validate_json(values)
        except ValueError as error:
            raise ValueError(f"it can't be read ({type(error).__name__})") from error
        raise ValueError(f"it belongs to {shown(label.decode(errors='replace'))}, and this is {self._label!r}")

    @property
    def _label(self) -> str:
        return f"{self.keys[-1].column.table.name}:{self.name}"

    @cached_property
    def _adapter(self) -> TypeAdapter[tuple[Any, ...]]:
        kinds = tuple(python_type(column) for column in self.columns)
        return TypeAdapter(tuple[kinds], config=_AS_JSON)  # type: ignore[valid-type]  # made from the columns

    def after(self, nulls: Sequence[bool]) -> Sequence[ColumnElement[bool]]:
        """Return the ranges of rows after a cursor, the nearest first.

        The cursor's values are bound as `parameters` names them; `nulls` tells which of them are NULL. No row is in two
        ranges, and each is one that an index in this order finds the first row of: rows that are equal in the first so
        many keys and beyond the next one. A single condition, be it `a < :a OR (a = :a AND …)` or
        `a <= :a AND (a < :a OR …)`, reads all rows before the cursor that are equal to it in the first key. Keys at
        the end that can't be NULL and have one direction are compared as one row value.
        """
        ranges: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for place, (key, is_null) in enumerate(zip(self.keys, nulls, strict=True)):
            if self._ends_plainly(place):
                ours = tuple_(*self.columns[place:])
                theirs = tuple_(*(self._value(each) for each in range(place, len(self.keys))))
                return [*ranges, and_(*same, ours < theirs if key.descends else ours > theirs)]
            value = self._value(place)
            ranges = [*(and_(*same, each) for each in key.beyond(value, is_null=is_null)), *ranges]
            same.append(key.column.is_(None) if is_null else key.column == value)
        return ranges

    def parameters(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the bound parameters of `after`; NULL isn't among them."""
        return {_parameter(place): value for place, value in enumerate(values) if not self.is_null(place, value)}

    def is_null(self, place: int, value: Any) -> bool:
        """Tell whether a value is NULL in the table."""
        return value is None and self.keys[place].can_be_null

    def _ends_plainly(self, place: int) -> bool:
        rest = self.keys[place:]
        return len({key.descends for key in rest}) == 1 and not any(key.can_be_null for key in rest)

    def _value(self, place: int) -> ColumnElement[Any]:
        return bindparam(_parameter(place), type_=self.keys[place].column.type)


@lru_cache(maxsize=1024)
def order_of(keys: tuple[SortKey, ...]) -> Order:
    """Return the order of these keys: the same object for the same keys, since making its parts takes long."""
    return Order(keys)


def _parameter(place: int) -> str:
    return f"_after_{place}"


def python_type(column: Column[Any]) -> Any:
    """Return the type of a column's values, for cursors; raises TypeError where rows can't be sorted by it."""
    kind = column.type
    if isinstance(kind, JSONDocument | JSON):
        raise TypeError(f"rows can't be sorted by column {column.name!r}, which holds JSON; use another")
    if isinstance(kind, Choice):
        plain: Any = kind.choices
    else:
        plain = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    return plain | None if column.nullable or isinstance(kind, NoneAsEmpty) else plain
