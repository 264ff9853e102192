"""Whole numbers of 32 and 64 bits, flags, and numbers of double precision."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Dialect, Float, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

from storeroom.decoding import read_flag
from storeroom.encoding import write_flag, write_integer, write_real
from storeroom.types.base import gives_as, refused, takes_as


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

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = super().bind_processor(dialect)
        return write_integer(process, self.bits) if process and takes_as(self, Int) else process


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

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = super().bind_processor(dialect)
        return write_flag(process) if process and takes_as(self, Flag) else process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        process = super().result_processor(dialect, coltype)
        return read_flag if process and gives_as(self, Flag) else process


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

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = super().bind_processor(dialect)
        return write_real(process) if process and takes_as(self, Real) else process
