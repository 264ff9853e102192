"""How values are read from rows that another system wrote: what they may be, and what stands for a bad one."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from storeroom.canonical import shown, text_flaw

T = TypeVar("T")

Source = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mended:
    """A value that isn't quite what the row says, and why; the report tells it."""

    value: Any
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one column of a model is read from a row of the other system.

    `read` gets what the row has in the columns `sources`, returns the value, or a Mended one, and raises ValueError
    with the cause where it can't. Then, and where there is nothing, the `default` is taken, which may be a function.
    Without the value of a `required` field the row has no usable key, and is left out. `relates_to` names the table,
    of the other system, whose key the value is: it follows when that row gets another key here. `read` of a field that
    `may_lack` columns gets None for them.
    """

    sources: tuple[str, ...]
    read: Callable[..., Any]
    default: Any = None
    required: bool = False
    relates_to: str | None = None
    may_lack: bool = False

    def fallback(self) -> Any:
        """Return the default."""
        return self.default() if callable(self.default) else self.default


def text(source: str, *, default: Any = None, required: bool = False) -> Field:
    """Read text; numbers are written as such, and empty text is none."""
    return Field(sources=(source,), read=_text, default=default, required=required)


def whole(
    source: str,
    *,
    default: Any = None,
    required: bool = False,
    relates_to: str | None = None,
    least: int | None = None,
    most: int | None = None,
) -> Field:
    """Read a whole number, also where it is written as text; one below `least` or above `most` is a bad value."""
    read = _bounded(_whole, least, most)
    return Field(sources=(source,), read=read, default=default, required=required, relates_to=relates_to)


def number(source: str, *, default: Any = None, least: float | None = None, most: float | None = None) -> Field:
    """Read a finite number, also where it is written as text; one below `least` or above `most` is a bad value."""
    return Field(sources=(source,), read=_bounded(_number, least, most), default=default)


def flag(source: str, *, default: bool = False) -> Field:
    """Read 0 and 1, true and false."""
    return Field(sources=(source,), read=_flag, default=default)


def moment(source: str, *, default: Any = None) -> Field:
    """Read a point in time from ISO text; without a zone it is UTC."""
    return Field(sources=(source,), read=_moment, default=default)


def day(source: str, *, required: bool = False) -> Field:
    """Read a day from ISO text, as YYYY-MM-DD."""
    return Field(sources=(source,), read=_day, required=required)


def document(source: str, *, kind: type[dict[str, Any]] | type[list[Any]] | None = None, default: Any = None) -> Field:
    """Read JSON text; with a `kind`, only an object (dict) or an array (list)."""

    def read(value: Any) -> Any:
        parsed = _parsed(value)
        if kind is not None and parsed is not None and not isinstance(parsed, kind):
            raise ValueError(f"{shown(value)} isn't a JSON {'object' if kind is dict else 'array'}")
        return parsed

    return Field(sources=(source,), read=read, default=default)


def counters(source: str) -> Field:
    """Read a JSON object of counters; what isn't a whole number in it is left out, and told."""

    def read(value: Any) -> Any:
        parsed = _parsed(value)
        if not isinstance(parsed, dict):
            raise ValueError(f"{shown(value)} isn't a JSON object")
        good = {key: count for key, count in parsed.items() if type(count) is int and -(1 << 63) <= count < 1 << 63}
        if len(good) == len(parsed):
            return good
        return Mended(good, f"{shown(value)} has {sorted(parsed.keys() - good.keys())}, which aren't whole numbers")

    return Field(sources=(source,), read=read, default=dict)


def texts(source: str, *, default: Any = ()) -> Field:
    """Read a JSON array of texts; what isn't text, is empty or can't be stored is left out of it, and told."""

    def read(value: Any) -> Any:
        parsed = _parsed(value)
        if not isinstance(parsed, list):
            raise ValueError(f"{shown(value)} isn't a JSON array")
        good = [each for each in parsed if isinstance(each, str) and each and text_flaw(each) is None]
        if len(good) == len(parsed):
            return good
        return Mended(good, f"{shown(value)} isn't an array of texts, each with something in it")

    return Field(sources=(source,), read=read, default=default)


def choice(
    source: str, choices: type[StrEnum], *, default: StrEnum | None, becomes: Mapping[str, StrEnum] | None = None
) -> Field:
    """Read a member of an enumeration by its value; `becomes` says what stands for a value, which the report tells."""

    def read(value: Any) -> Any:
        if becomes and value in becomes:
            return Mended(becomes[value], f"{value!r} becomes {becomes[value].value!r}")
        try:
            return choices(value)
        except ValueError:
            raise ValueError(f"{shown(value)} isn't one of {', '.join(choices)}") from None

    return Field(sources=(source,), read=read, default=default)


def computed(read: Callable[..., Any], *sources: str, default: Any = None) -> Field:
    """Make a value of several columns: `read` gets what the row has in each, None where there is no such column."""
    return Field(sources=sources, read=read, default=default, may_lack=True)


def _text(value: Any) -> str:
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} isn't text")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise ValueError(f"{shown(value)} isn't a whole number") from None
    if not isinstance(value, int):
        raise ValueError(f"{shown(value)} isn't a whole number")
    return value


def _number(value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{shown(value)} isn't a finite number")
    return found


def _bounded(read: Callable[[Any], T], least: float | None, most: float | None) -> Callable[[Any], T]:
    def bounded(value: Any) -> T:
        found: Any = read(value)
        if (least is not None and found < least) or (most is not None and found > most):
            raise ValueError(f"{shown(value)} {_outside(least, most)}")
        return cast("T", found)

    return read if least is None and most is None else bounded


def _outside(least: float | None, most: float | None) -> str:
    if least is None:
        return f"is above {most}"
    return f"is below {least}" if most is None else f"isn't from {least} to {most}"


_FLAGS = {"0": False, "1": True, "false": False, "true": True}


def _flag(value: Any) -> bool:
    try:
        return _FLAGS[str(value).lower()]
    except KeyError:
        raise ValueError(f"{shown(value)} is neither 0 nor 1") from None


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{shown(value)} isn't a time, as 2026-02-18T13:14:50") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{shown(value)} isn't a day, as 2026-02-18") from None


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(f"{shown(value)} isn't JSON") from None
