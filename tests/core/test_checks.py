"""What verbs are given is refused by field and value, with what to give instead."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest

from storeroom.checks import (
    LONGEST,
    checked_choice,
    checked_number,
    checked_seconds,
    checked_text,
    refusal,
    storable,
)
from storeroom.errors import ValueRefused


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def refused(check: Any, value: object, **options: Any) -> str:
    with pytest.raises(ValueRefused) as caught:
        check("field", value, **options)
    assert (caught.value.field, caught.value.value) == ("field", value)
    assert str(caught.value).startswith("field: ")
    return str(caught.value).removeprefix("field: ")


def test_text_isnt_empty_can_be_stored_and_isnt_too_long() -> None:
    assert checked_text("field", "a") == "a"
    assert checked_text("field", "é" * 5, most=5) == "ééééé"
    for value in ("", None, 1, b"a"):
        assert refused(checked_text, value).endswith("isn't text with something in it; give a str that isn't empty")
    assert "has a NUL character, which no database here stores" in refused(checked_text, "a\0")
    assert "has half a surrogate pair" in refused(checked_text, "\ud800")
    assert refused(checked_text, "abcdef", most=5) == "'abcdef' has 6 characters; at most 5 are allowed"


@pytest.mark.parametrize("value", [0, -1, True, 1.0, "1", None, 1 << 63])
def test_a_number_is_whole_and_within_bounds(value: object) -> None:
    assert refused(checked_number, value) == f"{value!r} isn't a whole number from 1; give one"
    assert refused(checked_number, 10, least=2, most=9) == "10 isn't a whole number from 2 to 9; give one"


def test_numbers_at_the_bounds_are_taken() -> None:
    assert checked_number("field", 1) == 1
    assert checked_number("field", (1 << 63) - 1) == (1 << 63) - 1
    assert [checked_number("field", value, least=-1, most=1) for value in (-1, 0, 1)] == [-1, 0, 1]


@pytest.mark.parametrize("value", [timedelta(0), timedelta(-1), LONGEST + timedelta(microseconds=1), 5, None])
def test_a_duration_is_a_timedelta_within_bounds(value: object) -> None:
    assert "isn't a duration from 0:00:00.001000 to 3,650 days; give a timedelta" in refused(checked_seconds, value)


def test_durations_are_told_in_seconds() -> None:
    assert checked_seconds("field", timedelta(minutes=1, milliseconds=500)) == 60.5
    assert checked_seconds("field", LONGEST) == 3650 * 86_400
    assert checked_seconds("field", timedelta(0), least=timedelta(0)) == 0


def test_a_choice_is_a_member_by_itself_or_by_its_value() -> None:
    assert checked_choice("field", "red", Colour) is checked_choice("field", Colour.RED, Colour) is Colour.RED
    assert refused(checked_choice, "green", choices=Colour) == "'green' isn't one of 'red', 'blue'; use one of them"
    assert "None isn't one of" in refused(checked_choice, None, choices=Colour)


def test_what_programs_say_can_be_stored() -> None:
    assert storable("field", "fine é") == "fine é"
    assert storable("field", "a\0b\udcff") == "a\\x00b\\udcff"
    assert refused(storable, None) == "None isn't text; give a str, as str(error)"


def test_a_value_that_is_long_is_shown_in_part() -> None:
    error = refusal("field", "x" * 10_000, "is too long; cut it")
    assert len(str(error)) < 300
    assert str(error).endswith("…  is too long; cut it".replace("  ", " "))
