"""Text, text of which none is '', and enumerations as text."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import eq, ne
from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, Dialect, String, Table
from sqlalchemy.sql.operators import is_, is_not
from sqlalchemy.types import TypeDecorator

from storeroom.canonical import text_flaw
from storeroom.decoding import choice_reader, read_none
from storeroom.encoding import write_choice, write_text
from storeroom.types.base import gives_as, refused, takes_as


class PlainText(TypeDecorator[str]):
    """Text of at most `length` characters, without the NUL character. `Mapped[str]` is this type, without a limit.

    SQLite would cut text at a NUL and store more than the length; PostgreSQL refuses both, with other words.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise refused(value, "isn't text; give a str")
        if (flaw := text_flaw(value)) is not None:
            raise refused(value, f"has {flaw}, which no database here stores; remove it")
        if self.length is not None and len(value) > self.length:
            raise refused(value, f"has {len(value)} characters; at most {self.length} are allowed")
        return str.__str__(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = super().bind_processor(dialect)
        if process is not None and takes_as(self, NoneAsEmpty):
            return write_text(process, self.length, "''")
        return write_text(process, self.length, "None") if process and takes_as(self, PlainText) else process


_EQUALITIES: Mapping[Any, Any] = {is_: eq, is_not: ne}  # with None, SQLAlchemy writes IS


class _EmptyComparator(TypeDecorator.Comparator[str], String.Comparator[str]):
    """Compares with '' where Python says None."""

    def operate(self, op: Any, *other: Any, **options: Any) -> ColumnElement[Any]:
        if other and other[0] is None:
            op, other = _EQUALITIES.get(op, op), ("", *other[1:])
        return super().operate(op, *other, **options)


class NoneAsEmpty(PlainText):
    """Text of which none is '' in the table and None in Python: for conflict keys, which must not be NULL.

    '' and None are the same key, and `column == None` finds it. Declare the column as
    `Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)`.
    """

    cache_ok = True
    comparator_factory = _EmptyComparator

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return super().process_bind_param(value, dialect) or ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value or None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return read_none if gives_as(self, NoneAsEmpty) else super().result_processor(dialect, coltype)


class Choice(TypeDecorator[StrEnum]):
    """An enumeration as text, which a check constraint of the database holds to the allowed values.

    `Choice(JobStatus)` takes members of the StrEnum and their values, and gives members. The constraint is made with
    the table, named as the column is.
    """

    impl = String
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return self.choices(value).value
        except ValueError:
            allowed = ", ".join(repr(each.value) for each in self.choices)
            raise refused(value, f"isn't one of {allowed}; use one of them") from None

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = super().bind_processor(dialect)
        return write_choice(process, self.choices) if process and takes_as(self, Choice) else process

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.choices(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not gives_as(self, Choice):
            return super().result_processor(dialect, coltype)
        return choice_reader(self.choices)

    def check(self, column: Column[Any]) -> CheckConstraint:
        """Return the constraint that holds a column of this type to the allowed values."""
        return CheckConstraint(column.in_(list(self.choices)), name=column.name)


def check_choices(table: Table) -> None:
    """Add the check constraints of a table's Choice columns."""
    for column in table.columns:
        if isinstance(column.type, Choice):
            table.append_constraint(column.type.check(column))
