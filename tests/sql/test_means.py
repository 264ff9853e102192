"""running_mean and running_count keep the mean of all values that were recorded, without keeping the values."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, bindparam, insert, select, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import ValueRefused
from storeroom.sql import Real, running_count, running_mean, upsert
from tests.sql.tables import clear, tallies

START = Statement(insert(tallies).values(name="a"))
RECORD = Statement(
    update(tallies).values(
        mean=running_mean(tallies.c.mean, tallies.c.count, bindparam("value")),
        count=running_count(tallies.c.count, bindparam("value")),
    )
)
COUNT = Statement(update(tallies).values(count=running_count(tallies.c.count, bindparam("value"))))
READ = Statement(select(tallies.c.mean, tallies.c.count))
PUT = Statement(
    upsert(
        tallies,
        ["name"],
        ["name", "mean", "count"],
        {
            "mean": lambda old, new: running_mean(old.mean, old.count, new.mean),
            "count": lambda old, new: running_count(old.count, new.mean),
        },
    )
)


def recorded(work: UnitOfWork, values: list[float | None]) -> tuple[float | None, int]:
    clear(work)
    START.affected(work)
    for value in values:
        RECORD.affected(work, value=value)
    mean, count = READ.all(work)[0]
    return mean, count


def check_mean(mean: float | None, values: list[float]) -> None:
    if not values:
        assert mean is None
        return
    exact = sum(map(Fraction, values), Fraction()) / len(values)
    largest = max(abs(Fraction(value)) for value in values)
    assert mean is not None
    assert abs(Fraction(mean) - exact) <= largest * Fraction(1, 10**9)


VALUES = st.lists(st.none() | st.floats(-1e300, 1e300) | st.integers(-(2**53), 2**53), max_size=12)


@given(VALUES, st.randoms(use_true_random=False))
def test_the_mean_is_that_of_what_was_recorded_in_any_order(
    shared_room: Storeroom, values: list[float | None], random: Random
) -> None:
    known = [value for value in values if value is not None]
    with shared_room.write() as uow:
        for _ in range(2):
            mean, count = recorded(uow, values)
            assert count == len(known)
            check_mean(mean, known)
            random.shuffle(values)


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40))
def test_the_mean_of_durations_is_exact_to_nine_digits(shared_room: Storeroom, values: list[float]) -> None:
    with shared_room.write() as uow:
        mean, _ = recorded(uow, list(values))
        exact = sum(map(Fraction, values), Fraction()) / len(values)
        assert mean is not None
        assert abs(Fraction(mean) / exact - 1) < Fraction(1, 10**9)


def test_a_parameter_may_have_its_type_already(room: Storeroom) -> None:
    took: ColumnElement[float] = bindparam("took", type_=Real())
    count, mean = running_count(tallies.c.count, took), running_mean(tallies.c.mean, tallies.c.count, took)
    record = Statement(update(tallies).values(mean=mean, count=count))
    with room.write() as uow:
        START.affected(uow)
        for value in (None, 2.0, None, 4):
            record.affected(uow, took=value)
        assert READ.first(uow) == (3.0, 2)


def test_none_is_not_counted(room: Storeroom) -> None:
    with room.write() as uow:
        assert recorded(uow, [None, None]) == (None, 0)
        assert recorded(uow, [None, 3, None, 4, None]) == (3.5, 2)
        for value in (None, 1.0, None):
            COUNT.affected(uow, value=value)
        assert READ.first(uow) == (3.5, 3)


def test_many_equal_values_have_themselves_as_the_mean(room: Storeroom) -> None:
    with room.write() as uow:
        assert recorded(uow, [0.1] * 200) == (0.1, 200)


def test_whole_numbers_are_not_divided_as_such(room: Storeroom) -> None:
    with room.write() as uow:
        assert recorded(uow, [1, 2]) == (1.5, 2)
        START_WHOLE.affected(uow)
        RECORD_WHOLE.affected(uow)
        assert Statement(select(tallies.c.mean).where(tallies.c.name == "whole")).scalar(uow) == 1.5


START_WHOLE = Statement(insert(tallies).values(name="whole", mean=1.0, count=1, hits=2))
RECORD_WHOLE = Statement(
    update(tallies)
    .where(tallies.c.name == "whole")
    .values(mean=running_mean(tallies.c.mean, tallies.c.count, tallies.c.hits))
)


def test_the_first_row_of_an_upsert_has_the_value_as_its_mean(room: Storeroom) -> None:
    with room.write() as uow:
        for value in (4.0, 6.0, None, 11.0):
            PUT.affected(uow, name="a", mean=value, count=1)
        assert READ.first(uow) == (7.0, 3)


def test_what_is_recorded_is_a_number(room: Storeroom) -> None:
    with room.write() as uow, pytest.raises(ValueRefused, match=r"^value: nan isn't a finite number") as caught:
        RECORD.affected(uow, value=float("nan"))
    assert caught.value.field == "value"
