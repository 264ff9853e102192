"""The expressions that are written into larger functions give what the types' functions give, or refuse with them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect, create_engine
from sqlalchemy.types import TypeEngine

from storeroom.errors import ValueRefused
from storeroom.inlining import inline, inlined, written
from storeroom.sql import BigInt, Choice, Flag, Int, NoneAsEmpty, PlainText, Real, UTCDateTime

DIALECTS: list[Dialect] = [create_engine(url).dialect for url in ("sqlite://", "postgresql+psycopg://")]


class Colour(StrEnum):
    RED = "red"
    NONE = ""


class Word(str):
    """Text that isn't a plain str."""


TYPES: list[TypeEngine[Any]] = [
    BigInt(),
    Choice(Colour),
    Flag(),
    Int(),
    NoneAsEmpty(),
    NoneAsEmpty(3),
    PlainText(),
    PlainText(3),
    Real(),
    UTCDateTime(),
]
EDGES: list[Any] = [
    *("", "abc", "abcd", "a\0", "é", "\ud800", "red", "blue", Word("abc"), Colour.RED, Colour.NONE),
    *(True, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**400),
    *(0.0, -0.0, 1.5, float("inf"), float("nan")),
    *(None, b"abc", [], {}, object, ("red",)),
    datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    datetime(999, 12, 31, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
    datetime(9999, 12, 30, 23, tzinfo=timezone(timedelta(hours=-2))),
    datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))),
    datetime(2026, 1, 2),  # naive, which is refused
]


def function(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of one value that has the expression in it, as larger ones have."""
    scope: dict[str, Any] = {}
    exec(f"def write(v0):\n return {written(process, 'v0', scope)}", scope)
    write: Callable[[Any], Any] = scope["write"]
    return write


def outcome(write: Callable[[Any], Any], value: Any) -> Any:
    """What comes of a value: what is sent for it, or how it is refused; -0.0 isn't 0.0, and True isn't 1."""
    try:
        sent = write(value)
    except (ValueRefused, TypeError) as error:
        return "refused" if isinstance(error, ValueRefused) or not isinstance(value, str | int | float) else error
    return repr(int(sent) if isinstance(sent, bool) else sent)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", TYPES, ids=repr)
def test_an_expression_gives_what_the_function_gives(kind: TypeEngine[Any], dialect: Dialect) -> None:
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    assert process is not None
    assert inline(process) is not None
    write = function(process)
    assert {repr(value): outcome(write, value) for value in EDGES} == {
        repr(value): outcome(process, value) for value in EDGES
    }


@given(value=st.one_of(st.text(), st.integers(), st.floats(), st.datetimes(timezones=st.timezones()), st.none()))
def test_so_it_does_for_any_value(value: Any) -> None:
    for dialect in DIALECTS:
        for kind in TYPES:
            process = kind.dialect_impl(dialect).bind_processor(dialect)
            assert process is not None
            assert outcome(function(process), value) == outcome(process, value)


class Shouted(PlainText):
    """A type of a plugin's, which takes values in its own way."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else value.upper()


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_type_that_takes_values_in_its_own_way_is_asked_for_each(dialect: Dialect) -> None:
    process = Shouted().dialect_impl(dialect).bind_processor(dialect)
    assert process is not None
    assert inline(process) is None
    assert function(process)("abc") == "ABC"


def test_a_function_without_an_expression_is_called_and_none_is_the_value_itself() -> None:
    assert function(str.upper)("abc") == "ABC"
    assert written(None, "v0", {}) == "v0"


def test_expressions_in_one_function_keep_their_names_apart() -> None:
    def times(number: int) -> Callable[[int], int]:
        return inlined("{value} * {number}", number=number)(lambda value: value * number)

    scope: dict[str, Any] = {}
    both = f"{written(times(2), 'v0', scope)} + {written(times(3), 'v1', scope)}"
    assert eval(both, {**scope, "v0": 10, "v1": 100}) == 320
