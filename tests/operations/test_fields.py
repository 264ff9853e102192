"""What a row has becomes a value, or there is a cause why not."""

import json
import re
from typing import Any

import pytest

from storeroom.adoption import Field, Mended, number, texts, whole

BOUNDED: list[tuple[Field, object, object]] = [
    (whole("n", least=1), 1, 1),
    (whole("n", least=1), "1", 1),
    (whole("n", least=1), "0", "'0' is below 1"),
    (whole("n", most=9), 9.0, 9),
    (whole("n", most=9), 10, "10 is above 9"),
    (whole("n", least=0, most=9), 0, 0),
    (whole("n", least=0, most=9), -1, "-1 isn't from 0 to 9"),
    (whole("n", least=0, most=9), 10, "10 isn't from 0 to 9"),
    (whole("n", least=0), "many", "'many' isn't a whole number"),
    (number("n", least=0), "0.0", 0.0),
    (number("n", least=0), -0.5, "-0.5 is below 0"),
    (number("n", most=0.5), 0.75, "0.75 is above 0.5"),
    (number("n", least=0), "inf", "'inf' isn't a finite number"),
    (whole("n"), -(1 << 80), -(1 << 80)),
    (number("n"), -1e300, -1e300),
]


@pytest.mark.parametrize(("field", "value", "expected"), BOUNDED)
def test_a_number_out_of_bounds_is_a_bad_one(field: Field, value: object, expected: object) -> None:
    if isinstance(expected, str):
        with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
            field.read(value)
    else:
        assert field.read(value) == expected


def test_bounds_leave_the_rest_of_a_field_as_it_is() -> None:
    field = whole("n", required=True, relates_to="books", default=7, least=1)
    assert (field.sources, field.required, field.relates_to, field.fallback()) == (("n",), True, "books", 7)
    assert number("n", default=0.5, least=0).fallback() == 0.5


@pytest.mark.parametrize("value", [["de", "fr"], []])
def test_texts_are_read_from_an_array(value: list[str]) -> None:
    assert texts("codes").read(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "good"),
    [
        (["de", 1, "", None, ["fr"]], ["de"]),
        (["\0", "\ud800", "fr"], ["fr"]),
        ([1], []),
    ],
)
def test_what_is_no_text_is_left_out_of_an_array_and_told(value: list[Any], good: list[str]) -> None:
    written = json.dumps(value)
    found = texts("codes").read(written)
    assert found == Mended(good, f"{written!r} isn't an array of texts, each with something in it")


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("[de", "'[de' isn't JSON"),
        (7, "7 isn't JSON"),
        ("7", "'7' isn't a JSON array"),
        ("null", "'null' isn't a JSON array"),
        ('{"de": 1}', """'{"de": 1}' isn't a JSON array"""),
        ('"de"', "'\"de\"' isn't a JSON array"),
    ],
)
def test_what_isnt_an_array_has_no_texts(value: Any, cause: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(cause)}$"):
        texts("codes").read(value)


def test_without_texts_there_are_none_unless_the_default_is_another() -> None:
    assert texts("codes").fallback() == ()
    assert texts("codes", default=["de"]).fallback() == ["de"]
