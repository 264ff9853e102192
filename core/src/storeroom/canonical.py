"""One JSON text for one value, so that equal documents are equal text as well."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

# The way into a document: the way to what holds the value, and its key or index there.
_Way = tuple["_Way", str | int] | None

# What Python reads and writes by default; PostgreSQL and SQLite take as many.
_DIGITS = 4300
_LARGEST = 10**_DIGITS

# What needs no second look: numbers of 64 bits, and so many levels.
_SHORT = 1 << 63
_SHALLOW = 20

# Far below what Python, SQLite and PostgreSQL can nest, so that it doesn't depend on who calls from how deep.
_DEEPEST = 200


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted by code point, no spaces, each number in one form.

    Equal values give equal text, also where Python has two of them: a float without a fraction is written as an
    integer (1.0 as 1), as PostgreSQL takes both for the same number, and a tuple is written as a list. True and
    False stay what they are.

    Raises ValueError, which names the place inside the document, for what JSON or a database can't hold: NaN and
    infinity, keys that aren't text, text with a NUL character or half a surrogate pair, whole numbers of more than
    4,300 digits, more than 200 levels (a document that contains itself has more), and any other type.
    """
    try:
        return "".join(_chunks(value if _is_plain(value, 0) else _plain(value, None, 0), 0))
    except RecursionError:
        raise ValueError("it is nested too deep for the stack that is left") from None


def _make_chunks() -> Callable[[Any, int], Iterable[str]]:
    """Return the function that writes a document: CPython's own, which json would make anew for each."""
    encoder = json.JSONEncoder(
        ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return lambda value, _level: encoder.iterencode(value)
    text = json.encoder.encode_basestring
    written: Callable[[Any, int], Iterable[str]] = make(None, encoder.default, text, None, ":", ",", True, False, False)
    return written


_chunks = _make_chunks()


def _is_plain(value: Any, depth: int) -> bool:
    """Tell whether a document is written as it is, which most are, and which is sooner seen than made anew."""
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not key.isascii() or "\0" in key:
                return False
        value = value.values()
    elif type(value) is not list:
        return False
    for each in value:
        kind = type(each)
        if kind is str:
            if not each.isascii() or "\0" in each:
                return False
        elif kind is int:
            if not -_SHORT < each < _SHORT:
                return False
        elif each is not None and kind is not bool and (depth == _SHALLOW or not _is_plain(each, depth + 1)):
            return False
    return True


def _plain(value: Any, way: _Way, depth: int) -> Any:
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value, way)
    if isinstance(value, dict | list | tuple):
        if depth == _DEEPEST:
            raise ValueError(f"{_place(way)} is more than {_DEEPEST} levels deep, or the document contains itself")
        if isinstance(value, dict):
            return {_key(key, way): _plain(each, (way, key), depth + 1) for key, each in value.items()}
        return [_plain(each, (way, index), depth + 1) for index, each in enumerate(value)]
    for kind, plain in ((str, str.__str__), (int, int), (float, float)):  # an enumeration's member, say
        if isinstance(value, kind):
            return _SCALARS[kind](plain(value), way)
    raise ValueError(f"{_place(way)} is {shown(value)}, of type {type(value).__name__}, which JSON doesn't have")


def _text(value: str, way: _Way) -> str:
    if (flaw := text_flaw(value)) is not None:
        raise ValueError(f"{_place(way)} is {shown(value)}, with {flaw}, which no database here stores")
    return value


def _integer(value: int, way: _Way) -> int:
    if not -_LARGEST < value < _LARGEST:
        raise ValueError(f"{_place(way)} is a whole number of more than {_DIGITS} digits, which Python doesn't read")
    return value


def _number(value: float, way: _Way) -> float | int:
    if value.is_integer():
        return int(value)
    if not math.isfinite(value):
        raise ValueError(f"{_place(way)} is {value!r}, which JSON doesn't have")
    return value


def _same(value: bool | None, _way: _Way) -> bool | None:
    return value


_SCALARS: Mapping[type, Callable[[Any, _Way], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _same,
    type(None): _same,
}


def _key(key: object, way: _Way) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{_place(way)} has the key {shown(key)}, which isn't text")
    plain = str.__str__(key)
    if (flaw := text_flaw(plain)) is not None:
        raise ValueError(f"{_place(way)} has the key {shown(key)}, with {flaw}, which no database here stores")
    return plain


def _place(way: _Way) -> str:
    steps: list[str] = []
    while way is not None:
        way, step = way
        steps.append(f".{step}" if isinstance(step, str) else f"[{step}]")
    text = "$" + "".join(reversed(steps))
    return text if len(text) <= 100 else f"{text[:100]}…"


def text_flaw(value: str) -> str | None:
    """Name what keeps text from being stored, the same on every database here; None for text that can be."""
    if "\0" in value:
        return "a NUL character"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return "half a surrogate pair"
    return None


def shown(value: object) -> str:
    """Return a value as messages show it: its repr, cut where it is long."""
    try:
        text = repr(value)
    except Exception:  # of a number with more digits than Python writes, say
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 200 else f"{text[:200]}…"
