"""Filters: what callers may ask for, by name, and the condition that each becomes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import JSON, Column, ColumnElement, String, Table, bindparam, or_

from storeroom.canonical import shown, text_flaw
from storeroom.errors import ValueRefused
from storeroom.types import Choice, JSONDocument, NoneAsEmpty, PlainText

_ESCAPE = "\\"

# SQLite takes patterns of up to 50,000 bytes, and at least 32,766 parameters in a statement.
LONGEST_SEARCH = 10_000
MOST_VALUES = 10_000

ValueT = TypeVar("ValueT")

# What `equals` takes: a value, or several of which any will do. For the annotations of a repository's filters.
AnyOf: TypeAlias = ValueT | Sequence[ValueT] | Set[ValueT]

_WILDCARDS = str.maketrans({each: _ESCAPE + each for each in (_ESCAPE, "%", "_")})


class Filter(ABC):
    """A condition on columns that callers may ask for.

    The value decides on the `shape` of the condition: each shape is a statement of its own, which is built once.
    """

    def __init__(self, *columns: str) -> None:
        self.columns = columns

    @abstractmethod
    def check(self, table: Table) -> None:
        """Raise TypeError where the columns, which the table has, can't be asked for this."""

    def shape(self, table: Table, value: object) -> str:
        """Return the kind of condition that this value needs."""
        return "value"

    @abstractmethod
    def condition(self, table: Table, name: str, shape: str) -> ColumnElement[bool]:
        """Return the condition of a shape, with a bound parameter of the filter's name."""

    def parameters(self, name: str, value: Any, shape: str) -> Mapping[str, Any]:
        """Return the bound parameters for a value; raises ValueRefused."""
        return {name: value}


class _Equals(Filter):
    def check(self, table: Table) -> None:
        """Any column has values."""

    def shape(self, table: Table, value: object) -> str:
        if isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
            return "any or null" if None in value and self._has_null(table) else "any"
        return "null" if value is None and self._has_null(table) else "value"

    def condition(self, table: Table, name: str, shape: str) -> ColumnElement[bool]:
        column = self._column(table)
        if shape == "null":
            return column.is_(None)
        if shape == "value":
            return column == bindparam(name, type_=column.type)
        among = column.in_(bindparam(name, type_=column.type, expanding=True))
        return or_(among, column.is_(None)) if shape == "any or null" else among

    def parameters(self, name: str, value: Any, shape: str) -> Mapping[str, Any]:
        if shape == "null":
            return {}
        if shape == "value":
            return {name: value}
        if len(value) > MOST_VALUES:
            raise ValueRefused(
                f"{name}: {len(value):,} values are too many to ask for at once; give at most {MOST_VALUES:,}",
                value=value,
                field=name,
            )
        return {name: [each for each in value if each is not None or shape == "any"]}

    def _column(self, table: Table) -> Column[Any]:
        return table.columns[self.columns[0]]

    def _has_null(self, table: Table) -> bool:
        return not isinstance(self._column(table).type, NoneAsEmpty)


class _Contains(Filter):
    def check(self, table: Table) -> None:
        for column in self.columns:
            kind = table.columns[column].type
            if not isinstance(kind, String | PlainText | Choice) or isinstance(kind, JSONDocument):
                raise TypeError(f"contains() can't search in column {column!r}, which isn't text; name text columns")

    def condition(self, table: Table, name: str, shape: str) -> ColumnElement[bool]:
        # Of no column's type: a pattern may be longer than the column allows, and is no Choice of its values.
        pattern = bindparam(name, type_=String())
        return or_(*(table.columns[column].ilike(pattern, escape=_ESCAPE) for column in self.columns))

    def parameters(self, name: str, value: Any, shape: str) -> Mapping[str, Any]:
        if not isinstance(value, str) or text_flaw(value) is not None or len(value) > LONGEST_SEARCH:
            raise ValueRefused(
                f"{name}: {shown(value)} isn't text to search for; give a str of at most {LONGEST_SEARCH:,} "
                "characters, without NUL and half surrogate pairs",
                value=value,
                field=name,
            )
        return {name: f"%{value.translate(_WILDCARDS)}%"}


class _AtLeast(Filter):
    def check(self, table: Table) -> None:
        (column,) = self.columns
        if isinstance(table.columns[column].type, JSONDocument | JSON):
            raise TypeError(f"column {column!r} holds JSON, which has no bounds; name another")

    def condition(self, table: Table, name: str, shape: str) -> ColumnElement[bool]:
        column = table.columns[self.columns[0]]
        return column >= bindparam(name, type_=column.type)

    def parameters(self, name: str, value: Any, shape: str) -> Mapping[str, Any]:
        return _bound(name, value)


class _Below(_AtLeast):
    def condition(self, table: Table, name: str, shape: str) -> ColumnElement[bool]:
        column = table.columns[self.columns[0]]
        return column < bindparam(name, type_=column.type)


def equals(column: str) -> Filter:
    """Filter rows in which a column has a value; None asks for NULL, a list, tuple or set for any of its values."""
    return _Equals(column)


def contains(*columns: str) -> Filter:
    r"""Filter rows in which one of the columns contains a text, in any case.

    `%`, `_` and `\` are letters like others. On SQLite, case is ignored for the letters A to Z only.
    """
    return _Contains(*columns)


def at_least(column: str) -> Filter:
    """Filter rows in which a column is at least a value: `since=at_least("created_at")`."""
    return _AtLeast(column)


def below(column: str) -> Filter:
    """Filter rows in which a column is below a value: `until=below("created_at")`."""
    return _Below(column)


def _bound(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        raise ValueRefused(f"{name}: None is no bound; leave the filter out", value=value, field=name)
    return {name: value}
