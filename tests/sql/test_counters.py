"""merged_counters adds JSON counters key by key, whatever the keys are, and leaves canonical text."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, literal, select, text, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import StatementFailed, ValueRefused
from storeroom.sql import JSONCounters, canonical_json, merged_counters, upsert
from storeroom.testing import requires
from tests.sql.tables import clear, tallies
from tests.sql.values import counters

Counters = Mapping[str, int] | None

ADD = Statement(insert(tallies))
READ = Statement(select(tallies.c.counters))
MERGE = Statement(update(tallies).values(counters=merged_counters(tallies.c.counters, bindparam("more"))))
MERGED = Statement(select(merged_counters(bindparam("one"), bindparam("other"))))
PUT = Statement(
    upsert(
        tallies,
        ["name"],
        ["name", "counters"],
        {"counters": lambda old, new: merged_counters(old.counters, new.counters)},
    ).returning(tallies.c.version)
)


def added(one: Counters, other: Counters) -> dict[str, int]:
    total = dict(one or {})
    for key, count in (other or {}).items():
        total[key] = total.get(key, 0) + count
    return total


def fits(total: Mapping[str, int]) -> bool:
    return all(-(2**63) <= count < 2**63 for count in total.values())


def stored_text(work: UnitOfWork) -> str:
    return str(Statement(text("SELECT counters FROM proof_tallies")).scalar(work))


@given(st.none() | counters(), st.lists(st.none() | counters(), max_size=3))
def test_counters_are_added_key_by_key(shared_room: Storeroom, first: Counters, more: list[Counters]) -> None:
    expected = dict(first or {})
    with shared_room.write() as uow:
        clear(uow)
        ADD.affected(uow, name="a", counters=first)
        for each in more:
            expected = added(expected, each)
            assume(fits(expected))
            MERGE.affected(uow, more=each)
            assert READ.scalar(uow) == expected
            if not requires.native_types.met_by(uow):
                assert stored_text(uow) == canonical_json(expected)


KEYS = [
    '"',
    "'",
    "\\",
    ".",
    "$",
    "$.a",
    "[0]",
    "a.b",
    '"a"',
    "",
    " ",
    "\x01",
    "\x1f",
    "\x7f",
    "\n",
    "\u2028",
    "é",
    "\U0001f600",
]


@pytest.mark.parametrize("key", [*KEYS, "%s", "%(x)s", ":x", "{}", "#-1", "null", "true", "1", "1e3", "constructor"])
def test_any_text_is_a_key(room: Storeroom, key: str) -> None:
    with room.write() as uow:
        ADD.affected(uow, name="a", counters={key: 1, "other": 5})
        for _ in range(3):
            MERGE.affected(uow, more={key: 2**40})
        assert READ.scalar(uow) == {key: 1 + 3 * 2**40, "other": 5}


@pytest.mark.parametrize(
    ("one", "other", "total"),
    [
        (None, None, {}),
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1}, None, {"a": 1}),
        ({}, {}, {}),
        ({"a": 1}, {"a": -1}, {"a": 0}),
    ],
)
def test_null_is_no_counters(room: Storeroom, one: Counters, other: Counters, total: Counters) -> None:
    with room.read() as uow:
        assert MERGED.scalar(uow, one=one, other=other) == total


def test_a_merge_that_changes_nothing_is_unchanged(room: Storeroom) -> None:
    """The text that SQLite's own functions write is the canonical one, so that it can be compared."""
    with room.write() as uow:
        one = {key: number for number, key in enumerate(KEYS)}
        assert PUT.scalar(uow, name="a", counters=one) == 1
        assert PUT.scalar(uow, name="a", counters={}) is None
        assert PUT.scalar(uow, name="a", counters=dict.fromkeys(reversed(KEYS), 0)) is None
        assert PUT.scalar(uow, name="a", counters={KEYS[0]: 1}) == 2
        assert READ.scalar(uow) == one | {KEYS[0]: 1}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_beyond_64_bits_is_an_error(room: Storeroom, sign: int) -> None:
    largest = 2**63 - 1 if sign == 1 else -(2**63)
    with room.write() as uow:
        ADD.affected(uow, name="a", counters={"k": largest})
        with pytest.raises(StatementFailed, match=r"overflow|out of range"), uow.savepoint():
            MERGE.affected(uow, more={"k": sign})
        assert READ.scalar(uow) == {"k": largest}
        MERGE.affected(uow, more={"k": -sign, "l": largest})
        assert READ.scalar(uow) == {"k": largest - sign, "l": largest}


def test_what_is_added_is_refused_as_a_value_of_the_column_is(room: Storeroom) -> None:
    with room.write() as uow, pytest.raises(ValueRefused, match=r"^more: .* has 0.5 at 'a'") as caught:
        MERGE.affected(uow, more={"a": 0.5})
    assert caught.value.field == "more"


def test_a_constant_may_be_added(room: Storeroom) -> None:
    one_more = literal({"it's 100%": 1}, JSONCounters())
    with room.write() as uow:
        ADD.affected(uow, name="a", counters=None)
        for _ in range(2):
            Statement(update(tallies).values(counters=merged_counters(tallies.c.counters, one_more))).affected(uow)
        assert READ.scalar(uow) == {"it's 100%": 2}
