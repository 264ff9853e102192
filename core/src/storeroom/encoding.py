"""How the column types write what a driver takes: the function of a type, with an expression for the ordinary value.

These are written into the functions that make rows of items and parameters of arguments. A value that isn't ordinary,
or is refused, goes to the type's function.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Any

from storeroom.inlining import inlined

Writer = Callable[[Any], Any]

_PLAIN_TEXT = '{value} if type({value}) is str and {value}.isascii() and "\\0" not in {value}'
_TIME = "type({value}) is {datetime} and {value}.tzinfo is {UTC} and 1 < {value}.year < 9999"


def write_text(process: Writer, longest: int | None, none: str) -> Writer:
    """Let text be written at once, and None as the expression `none`."""
    fits = "" if longest is None else f" and len({{value}}) <= {longest}"
    expression = f"{_PLAIN_TEXT}{fits} else {none} if {{value}} is None else {{itself}}({{value}})"
    return inlined(expression)(process)


def write_integer(process: Writer, bits: int) -> Writer:
    """Let whole numbers of so many bits be written at once."""
    limit = 1 << (bits - 1)
    fits = f"type({{value}}) is int and {-limit} <= {{value}} < {limit}"
    return inlined(f"{{value}} if {fits} else None if {{value}} is None else {{itself}}({{value}})")(process)


def write_flag(process: Writer) -> Writer:
    """Let True, False and None be written at once."""
    return inlined("{value} if {value} is None or type({value}) is bool else {itself}({value})")(process)


def write_real(process: Writer) -> Writer:
    """Let finite numbers be written at once."""
    ordinary = "{value} + 0.0 if type({value}) is float and {isfinite}({value})"
    return inlined(f"{ordinary} else None if {{value}} is None else {{itself}}({{value}})", isfinite=isfinite)(process)


def write_choice(process: Writer, choices: type[StrEnum]) -> Writer:
    """Let members of an enumeration, and their values, be written at once."""
    values = {each.value: each.value for each in choices}
    return inlined("{values}.get({value}) or {itself}({value})", values=values)(process)


def write_time(process: Writer, *, as_text: bool) -> Writer:
    """Let times in UTC be written at once, as they are or as text without the zone."""
    made = '{value}.isoformat(" ", "microseconds")[:26]' if as_text else "{value}"
    expression = f"{made} if {_TIME} else None if {{value}} is None else {{itself}}({{value}})"
    return inlined(expression, datetime=datetime, UTC=UTC)(process)
