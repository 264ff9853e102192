"""The function that builds a class's records gives what pydantic gives, or leaves it to pydantic."""

import copy
import pickle
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, field_validator, model_validator

from storeroom import Record
from storeroom.repository import building


class Mood(StrEnum):
    SUNNY = "sunny"
    GRIM = "grim"


class Everything(Record):
    number: int
    text: str | None
    real: float
    flag: bool | None
    day: date
    at: datetime | None
    mood: Mood
    names: tuple[str, ...]
    maybe_names: tuple[str, ...] | None
    document: dict[str, Any] | None
    counters: Mapping[str, int]
    anything: Any


GOOD: Sequence[Any] = (1, "a", 0.5, True, date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), Mood.GRIM)
ROW: Sequence[Any] = (*GOOD, ["a"], [], {"a": [1]}, {"a": 1}, object)

ODD: Sequence[Any] = [
    {1: 2},
    b"a",
    date(2024, 1, 1),
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2024, 1, 1),
    Mood.SUNNY,
]
VALUES = st.sampled_from(
    [
        None,
        0,
        1,
        True,
        "1",
        "sunny",
        1.0,
        1.5,
        "2024-01-01",
        [],
        ["a"],
        ["a", 1],
        ("a",),
        {},
        {"a": 1},
        {"a": "x"},
        *ODD,
    ]
)


def validated(row: Sequence[Any]) -> Everything:
    return Everything.model_validate(dict(zip(Everything.model_fields, row, strict=False)))


def outcome(make: Any, row: Sequence[Any]) -> Any:
    try:
        made = make(row)
    except ValidationError as error:
        return str(error)
    return {name: (type(value), value) for name, value in vars(made).items()}, made.model_fields_set


@given(st.lists(st.tuples(st.integers(0, len(ROW) - 1), VALUES), max_size=3))
def test_it_gives_what_pydantic_gives(changes: list[tuple[int, Any]]) -> None:
    row = list(ROW)
    for place, value in changes:
        row[place] = value
    assert outcome(Everything.from_row, row) == outcome(validated, row)


def test_a_record_is_one_in_all_respects() -> None:
    row = (*ROW[:-1], 1)
    built, expected = Everything.from_row(row), validated(row)
    assert built == expected
    assert repr(built) == repr(expected)
    assert built.model_dump_json() == expected.model_dump_json()
    assert pickle.loads(pickle.dumps(built)) == copy.deepcopy(built) == built.model_copy() == expected
    assert built.model_dump(exclude_unset=True) == expected.model_dump(exclude_unset=True)
    with pytest.raises(ValidationError, match="frozen"):
        built.number = 2


def test_a_record_that_is_changed_changes_no_other() -> None:
    """All records of a class share the names of their fields, as long as nobody changes them."""
    one, other = Everything.from_row(ROW), Everything.from_row(ROW)
    copied = one.model_copy(update={"more": 1})
    assert copied.model_fields_set == {*Everything.model_fields, "more"}
    copied.model_fields_set.add("most")
    for change, *values in (("clear",), ("pop",), ("add", "x"), ("update", ["x"]), ("__ior__", {"x"})):
        with pytest.raises(TypeError, match="change a copy"):
            getattr(one.model_fields_set, str(change))(*values)
    assert one.model_fields_set == other.model_fields_set == set(Everything.model_fields)


@pytest.mark.parametrize("more", [0, 1, 5])
def test_more_columns_at_the_end_are_left_out(more: int) -> None:
    assert Everything.from_row([*ROW, *range(more)]) == validated(ROW)


def test_a_row_that_is_too_short_is_refused_as_pydantic_refuses() -> None:
    assert outcome(Everything.from_row, ROW[:3]) == outcome(validated, ROW[:3])


class Bounded(Record):
    number: Annotated[int, Field(ge=1)]


class Aliased(Record):
    number: int = Field(validation_alias="n", default=3)


class Checked(Record):
    number: int

    @field_validator("number")
    @classmethod
    def double(cls, number: int) -> int:
        return number * 2


class Whole(Record):
    number: int

    @model_validator(mode="before")
    @classmethod
    def count(cls, given: Any) -> Any:
        return {"number": given["number"] + 5}


class Finished(Record):
    number: int

    def model_post_init(self, _context: Any) -> None:
        object.__setattr__(self, "number", 7)


class Stripped(Record, str_strip_whitespace=True):
    number: str


@pytest.mark.parametrize("record", [Bounded, Aliased, Checked, Whole, Finished, Stripped])
def test_a_class_that_does_more_than_to_name_types_is_left_to_pydantic(record: type[Record]) -> None:
    assert not building._only_names_types(record)
    value = " 1 " if record is Stripped else 1
    assert record.from_row([value]) == record.model_validate({"number": value})
    assert building._only_names_types(Everything)


def test_a_subclass_has_a_function_of_its_own() -> None:
    class One(Record):
        number: int

    class Two(One):
        text: str

    assert One.from_row([1]) == One(number=1)
    assert Two.from_row([1, "a"]) == Two(number=1, text="a")
