"""Outcomes is a sequence of outcomes, which holds one byte for each."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storeroom.sql import Outcome, Outcomes
from storeroom.sql.upsert import code

VERSIONS = [1, 2, None, 3, 1]
EXPECTED = [Outcome.INSERTED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.UPDATED, Outcome.INSERTED]


def outcomes(versions: list[int | None]) -> Outcomes:
    return Outcomes(bytes(code(version) for version in versions))


@given(st.lists(st.none() | st.integers(1, 9)), st.slices(20), st.integers(-20, 20))
def test_it_is_what_a_list_of_outcomes_is(versions: list[int | None], part: slice, index: int) -> None:
    some, expected = outcomes(versions), [Outcome.of(version) for version in versions]
    assert list(some) == expected
    assert list(reversed(some)) == expected[::-1]
    assert len(some) == len(expected)
    assert list(some[part]) == expected[part]
    assert isinstance(some[part], Outcomes)
    assert bool(some) == bool(expected)
    for outcome in Outcome:
        assert some.count(outcome) == expected.count(outcome)
        assert (outcome in some) == (outcome in expected)
    if -len(expected) <= index < len(expected):
        assert some[index] is expected[index]
    else:
        with pytest.raises(IndexError):
            some[index]


def test_the_version_tells_the_outcome() -> None:
    assert list(outcomes(VERSIONS)) == EXPECTED


def test_equal_outcomes_are_equal() -> None:
    some = outcomes(VERSIONS)
    equal: list[object] = [outcomes(VERSIONS), Outcomes(bytearray(b"+~=~+")), EXPECTED, tuple(EXPECTED)]
    assert all(some == other for other in equal)
    different: list[object] = [outcomes(VERSIONS[:-1]), EXPECTED[1:], "+~=~+", b"+~=~+", None]
    assert all(some != other for other in different)
    assert outcomes([]) != ""
    assert len({some, outcomes(VERSIONS), tuple(EXPECTED)}) == 1


def test_values_count_as_outcomes_do() -> None:
    some = outcomes(VERSIONS)
    assert some.count("inserted") == 2
    foreign: list[object] = ["other", "+", 43, None, []]
    for other in foreign:
        assert some.count(other) == 0
        assert other not in some


def test_it_holds_one_byte_an_item() -> None:
    many = Outcomes(b"+" * 1_000_000)
    assert sys.getsizeof(many._codes) < 1_000_100


def test_it_shows_what_it_counts() -> None:
    assert repr(outcomes(VERSIONS)) == "<Outcomes: 2 inserted, 2 updated, 1 unchanged>"
