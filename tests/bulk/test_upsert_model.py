"""Random lists of items, at random thresholds: outcomes in their order, rows and versions as one by one."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import case, select

from storeroom import Storeroom, UnitOfWork
from storeroom.sql import Outcome, Rule
from storeroom.sql.bulk import upsert_many
from storeroom.sql.upsert import UpsertRule
from tests.bulk.limits import ANY_LIMITS, EXAMPLES, Limits
from tests.bulk.tables import Moments, Samples, clear, moments, rows
from tests.sql.model import RECORDED, RULES, Model, Row, record, replace, upserts
from tests.sql.tables import ALL, KEY, Colour, samples
from tests.sql.values import FIELD_VALUES, times

pytestmark = pytest.mark.dear

# What COPY, JSON and quoting write in other ways, among keys that are different in one of two columns only.
KEYS = st.fixed_dictionaries(
    {"path": st.sampled_from(["a", "A", "\\N", 'é\t"%s', "'\n\\."]), "language": st.sampled_from([None, "", "de"])}
)
MOST = 14
VALUES = st.fixed_dictionaries(FIELD_VALUES)


def check(room: Storeroom, limits: Limits, rule: UpsertRule, model: Model, *calls: list[Row]) -> None:
    """Make the calls in one transaction, on a table that was empty."""
    with room.write() as uow, limits():
        clear(uow)
        for items in calls:
            expected = [model.put(item) for item in items]
            assert list(upsert_many(uow, rule, iter(items))) == expected
            model.check(ALL.all(uow))


@EXAMPLES
@given(upserts(VALUES, KEYS, MOST), ANY_LIMITS)
def test_items_of_every_type_are_as_in_the_model(shared_room: Storeroom, items: list[Row], limits: Limits) -> None:
    check(shared_room, limits, UpsertRule(samples, KEY), Model(replace), items)


@EXAMPLES
@given(upserts(RECORDED, KEYS, MOST), ANY_LIMITS)
def test_counters_and_means_are_as_in_the_model(shared_room: Storeroom, items: list[Row], limits: Limits) -> None:
    check(shared_room, limits, UpsertRule(samples, KEY, RULES), Model(record), items)


def kept(colour: Colour) -> Mapping[str, Rule]:
    """A rule with a constant: what has the colour keeps it, and its note."""

    def keep(name: str) -> Rule:
        return lambda old, new: case((old.colour == colour, old[name]), else_=new[name])

    return {"colour": keep("colour"), "note": keep("note")}


def keep(colour: Colour, old: Row, new: Row) -> Row:
    return old | new | ({"colour": colour, "note": old["note"]} if old["colour"] is colour else {})


# The colour, and the fields that the second call leaves out.
PARTS = st.tuples(st.sampled_from(Colour), st.sets(st.sampled_from(sorted(FIELD_VALUES.keys() - {"colour", "note"}))))


@EXAMPLES
@given(st.tuples(upserts(VALUES, KEYS, MOST), upserts(VALUES, KEYS, MOST)), PARTS, ANY_LIMITS)
def test_a_call_with_some_of_the_fields_leaves_the_others(
    shared_room: Storeroom, calls: tuple[list[Row], list[Row]], parts: tuple[Colour, set[str]], limits: Limits
) -> None:
    """And a rule keeps what it keeps, whatever has to be quoted in its constant."""
    colour, left = parts
    some = [{name: value for name, value in item.items() if name not in left} for item in calls[1]]
    rule, model = UpsertRule(samples, KEY, kept(colour)), Model(partial(keep, colour))
    check(shared_room, limits, rule, model, calls[0], some)


# Few different keys of many types, with one time in two zones, and two zeros, which are the same.
MOMENT_KEY = {
    "day": st.dates(),
    "at": times(),
    "big": FIELD_VALUES["big"].filter(lambda value: value is not None),
    "ready": st.booleans(),
    "weight": st.sampled_from([0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308]),
    "colour": st.sampled_from(Colour),
    "order": st.sampled_from([None, "", "x"]),
}
MOMENTS = st.lists(st.fixed_dictionaries(MOMENT_KEY), min_size=1, max_size=2).flatmap(
    lambda known: st.lists(
        st.builds(
            lambda key, other, nth, more: key | other | {"nth": nth} | more,
            st.sampled_from(known),
            st.fixed_dictionaries({}, optional={name: MOMENT_KEY[name] for name in ("ready", "weight", "order")}),
            st.integers(0, 2),
            st.fixed_dictionaries({"code": st.none() | st.integers(0, 1), "Written, or not": st.just(7)}),
        ),
        max_size=MOST,
    )
)


def one_by_one(repository: Any, items: list[Row]) -> list[Outcome]:
    return [repository.upsert(**item).outcome for item in items]


def many(limits: Limits, repository: Any, items: list[Row]) -> list[Outcome]:
    with limits():
        return list(repository.upsert_many(iter(items)))


def results(
    uow: UnitOfWork, write: Callable[[Any, list[Row]], list[Outcome]], items: list[Row]
) -> tuple[list[Outcome], set[tuple[Any, ...]]]:
    """Return the outcomes and the rows, without their numbers."""
    clear(uow)
    outcomes = write(Moments(uow), items)
    return outcomes, set(rows(uow, select(*(column for column in moments.c if column.name != "id"))))


@EXAMPLES
@given(MOMENTS, ANY_LIMITS)
def test_a_key_of_many_types_does_as_one_by_one(shared_room: Storeroom, items: list[Row], limits: Limits) -> None:
    """In a table whose columns are called as the statements' own parts might be."""
    with shared_room.write() as uow:
        assert results(uow, partial(many, limits), items) == results(uow, one_by_one, items)


@EXAMPLES
@given(upserts(VALUES, KEYS, MOST), ANY_LIMITS)
def test_the_verb_does_as_its_sister_one_by_one(shared_room: Storeroom, items: list[Row], limits: Limits) -> None:
    with shared_room.write() as uow:
        clear(uow)
        outcomes, all_rows = many(limits, Samples(uow), items), rows(uow, select(samples))
        clear(uow)
        assert outcomes == one_by_one(Samples(uow), items)
        by_key = {row[1:3]: row[1:] for row in rows(uow, select(samples))}
        assert {row[1:3]: row[1:] for row in all_rows} == by_key
