"""The column types: each takes and gives the same Python values on SQLite and PostgreSQL, and refuses all others.

What a column doesn't take is refused with ValueRefused before it is sent; the statement adds the name of the field.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from operator import eq, ne
from typing import Any, ClassVar, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Float,
    Integer,
    String,
    Table,
)
from sqlalchemy import Text as LongText
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql.operators import is_, is_not
from sqlalchemy.types import TypeDecorator, TypeEngine

from storeroom import errors
from storeroom.canonical import canonical_json, shown, text_flaw
from storeroom.decoding import choice_reader, read_instant, read_json, read_none, read_time

# A PostgreSQL session in another time zone could not give back a time outside of these.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC) - timedelta(microseconds=1)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class _Refused(errors.ValueRefused, DontWrapMixin):
    """A ValueRefused that SQLAlchemy passes on as it is, where it would make a StatementError of others."""


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time, aware and in UTC on both databases.

    What isn't a datetime, or is a naive one, is refused, and so are the first day and the last one that Python knows;
    another zone is converted. SQLite stores text that sorts by time. `Mapped[datetime]` is this type.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise refused(value, "isn't a datetime with a time zone; give one, as in datetime.now(UTC)")
        try:
            utc = value.astimezone(UTC)
        except OverflowError:
            utc = _EARLIEST  # which is refused
        if not _EARLIEST < utc < _LATEST:
            raise refused(
                value, "is on the first or the last day that Python knows; for a time that never comes, use None"
            )
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        # The text that SQLAlchemy's own type makes, which takes it ten times as long.
        def process(value: Any) -> str | None:
            time = self.process_bind_param(value, dialect)
            return None if time is None else time.isoformat(" ", "microseconds")

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not _is_own(self, UTCDateTime):
            return super().result_processor(dialect, coltype)
        return read_time if dialect.name == "sqlite" else read_instant


class CalendarDate(TypeDecorator[date]):
    """A day, without a time. `Mapped[date]` is this type; a datetime isn't one."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> date | None:
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise refused(value, "isn't a date; give one, as in datetime.now(UTC).date()")
        return value


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
        return read_none if _is_own(self, NoneAsEmpty) else super().result_processor(dialect, coltype)


class Int(TypeDecorator[int]):
    """A whole number of 32 bits, on SQLite too. `Mapped[int]` is this type; a bool isn't a number here."""

    impl = Integer
    cache_ok = True
    bits: ClassVar[int] = 32

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise refused(value, "isn't a whole number; give an int")
        limit = 1 << (self.bits - 1)
        if not -limit <= value < limit:
            raise refused(value, f"doesn't fit into {self.bits} bits; use a smaller number, or a BigInt column")
        return int(value)


class BigInt(Int):
    """A whole number of 64 bits; a primary key of this type is numbered by the database on SQLite too."""

    impl = BigInteger
    cache_ok = True
    bits = 64

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite numbers a key by itself only where the type is INTEGER, which has 64 bits there.
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


class Flag(TypeDecorator[bool]):
    """True or False, and nothing that is like them. `Mapped[bool]` is this type."""

    impl = Boolean(create_constraint=False)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bool | None:
        if value is not None and not isinstance(value, bool):
            raise refused(value, "isn't True or False; give a bool")
        return value


class Real(TypeDecorator[float]):
    """A finite number of double precision. `Mapped[float]` is this type. SQLite would store NaN as NULL."""

    impl = Float
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> float | None:
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise refused(value, "isn't a number; give a float")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise refused(value, "isn't a finite number, or is too large for a float; use another, or None")
        return number + 0.0  # -0.0 is 0.0 in JSON, by which few rows of many travel


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

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.choices(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not _is_own(self, Choice):
            return super().result_processor(dialect, coltype)
        return choice_reader(self.choices)

    def check(self, column: Column[Any]) -> CheckConstraint:
        """Return the constraint that holds a column of this type to the allowed values."""
        return CheckConstraint(column.in_(list(self.choices)), name=column.name)


class JSONDocument(TypeDecorator[Any]):
    """Any JSON value: JSONB on PostgreSQL, canonical text on SQLite, so that equal documents are equal in both.

    See canonical_json for what is taken. None is NULL. `Mapped[dict[str, Any]]` is this type.
    """

    impl = LongText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(LongText())
        from sqlalchemy.dialects.postgresql import JSONB  # with it come four drivers' dialects, of no use on SQLite

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        # In place of the JSONB type's, which would leave it to the driver to write the text.
        return self._text

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value) if dialect.name == "sqlite" and value is not None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not _is_own(self, JSONDocument):
            return super().result_processor(dialect, coltype)
        return read_json if dialect.name == "sqlite" else None  # PostgreSQL's driver has read it

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return cast("str", self._text(value))

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        quoted: Callable[[Any], str] = LongText().literal_processor(dialect)  # type: ignore[no-untyped-call]  # its own
        return lambda value: quoted(self._text(value))

    def _text(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            return canonical_json(value)
        except ValueError as error:
            raise refused(value, f"can't be stored as JSON: {error}; use plain JSON values") from None


class JSONCounters(JSONDocument):
    """A JSON object of counters: text keys, whole numbers of 64 bits. `Mapped[dict[str, int]]` is this type."""

    cache_ok = True

    def _text(self, value: Any) -> str | None:
        if value is not None and not isinstance(value, dict):
            raise refused(value, "isn't a dict of counters; give one, as in {'srt': 1}")
        for key, count in (value or {}).items():
            if type(count) is not int or not -(1 << 63) <= count < 1 << 63:
                raise refused(
                    value, f"has {shown(count)} at {shown(key)}, which isn't a whole number of 64 bits; count in those"
                )
        return super()._text(value)


def _is_own(kind: Any, owner: Any) -> bool:
    """Tell whether a type reads values as the one that it derives from does."""
    return bool(type(kind).process_result_value is owner.process_result_value)


def refuses_text(kind: TypeEngine[Any]) -> bool:
    """Tell whether a type is one of these, which refuse text that no database stores."""
    return isinstance(kind, UTCDateTime | CalendarDate | PlainText | Int | Flag | Real | Choice | JSONDocument)


def check_choices(table: Table) -> None:
    """Add the check constraints of a table's Choice columns."""
    for column in table.columns:
        if isinstance(column.type, Choice):
            table.append_constraint(column.type.check(column))


def refused(value: object, why: str) -> errors.ValueRefused:
    """Return the error by which a column type refuses a value: `why` says what is wrong with it, and what to do.

    The message begins with the value; the statement that the value is for adds the name of the field.
    """
    return _Refused(f"{shown(value)} {why}", value=value)
