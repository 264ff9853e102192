"""A row of another system becomes the values of a model's row, field by field, checked by the columns' types."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Column, Dialect, Table
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from storeroom.adoption import Field, Mended, TableAdoption
from storeroom.canonical import canonical_json
from storeroom.errors import ValueRefused
from storeroom.operations.adoption import Fate, TableReport
from storeroom.types import NoneAsEmpty, UTCDateTime

Row = Mapping[str, Any]
Values = dict[str, Any]


class KeyUnusable(Exception):
    """A row without a value that it can't be without."""


class Converter:
    """Reads the rows of one table; `started` is the time of what has none."""

    def __init__(self, adoption: TableAdoption, dialect: Dialect, started: datetime) -> None:
        self.table = cast("Table", adoption.model.__table__)
        self._fields = adoption.fields
        self._started = started
        self._processors: Mapping[str, Callable[[Any], Any] | None] = {
            name: self.table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in adoption.fields
        }

    def convert(self, row: Row, key: str, report: TableReport) -> Values:
        """Return the values, and tell what isn't as the row has it; raises KeyUnusable."""
        return {name: self._value(name, field, row, key, report) for name, field in self._fields.items()}

    def comparable(self, values: Row, names: Sequence[str]) -> tuple[Any, ...]:
        """Return the values of some columns as the database compares them."""
        processed = ((self._processors[name], values[name]) for name in names)
        return tuple(value if process is None else process(value) for process, value in processed)

    def fallback(self, name: str) -> Any:
        """Return what a column takes where the row has nothing for it: the field's default, else the column's."""
        value = self._fields[name].fallback()
        column = self.table.c[name]
        if value is not None or _may_be_none(column):
            return value
        if isinstance(column.default, ScalarElementColumnDefault):
            return column.default.arg
        if isinstance(column.default, CallableColumnDefault):
            return cast("Callable[[Any], Any]", column.default.arg)(None)
        return self._started if isinstance(column.type, UTCDateTime) else None

    def _value(self, name: str, field: Field, row: Row, key: str, report: TableReport) -> Any:
        problem = "there is nothing"
        if field.may_lack or any(row.get(source) not in (None, "") for source in field.sources):
            try:
                value = field.read(*(row.get(source) for source in field.sources))
                if isinstance(value, Mended):
                    report.tell(Fate.MENDED, key, f"{name}: {value.cause}")
                    value = value.value
                self._check(name, value)
            except ValueError as error:
                problem = str(error)
                if not field.required:
                    fallback = self.fallback(name)
                    report.tell(Fate.MENDED, key, f"{name}: {problem}; it is {fallback!r} here")
                    return fallback
            else:
                if value is not None or _may_be_none(self.table.c[name]):
                    return value
                if not field.required and not field.may_lack:
                    fallback = self.fallback(name)
                    report.tell(Fate.MENDED, key, f"{name}: it is nothing; it is {fallback!r} here")
                    return fallback
        if field.required:
            raise KeyUnusable(f"{name}: {problem}")
        fallback = self.fallback(name)
        if fallback and any(source in row for source in field.sources):
            report.tell(Fate.MENDED, key, f"{name}: {problem}; it is {fallback!r} here")
        return fallback

    def _check(self, name: str, value: Any) -> None:
        process = self._processors[name]
        if process is not None:
            try:
                process(value)
            except ValueRefused as error:
                raise ValueError(str(error).partition(";")[0]) from error


def _may_be_none(column: Column[Any]) -> bool:
    return bool(column.nullable) or isinstance(column.type, NoneAsEmpty)


def key_text(row: Row, names: Sequence[str]) -> str:
    """Return a row's key as JSON, by which other rows are found to refer to it."""
    return canonical_json([_plain(row.get(name)) for name in names])


def shown_key(row: Row, names: Sequence[str]) -> str:
    """Return a row's key as reports show it."""
    return ", ".join(_shown(row.get(name)) for name in names)


def _shown(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() else repr(text)[1:-1].encode("ascii", "backslashreplace").decode()


def _plain(value: Any) -> Any:
    """Return what JSON can say of a value that SQLite may hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    return value if value is None or isinstance(value, int) else repr(value)
