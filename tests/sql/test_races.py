"""Four processes, each building block 500 times in each, a transaction each time: 2,000 are counted."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from sqlalchemy import ColumnElement, bindparam, insert, literal_column, select, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.sql import among, expired, from_now, merged_counters, running_count, running_mean, upsert
from storeroom.testing import run_together
from tests.sql.tables import open_room, samples, tallies

pytestmark = pytest.mark.dear

PROCESSES, EACH = 4, 500
TOTAL = PROCESSES * EACH
KEYS = ["plain", 'a "quoted" one', "$.path", "a'b", ""]

ONE: ColumnElement[int] = literal_column("1")
START = Statement(insert(tallies))
TALLY = Statement(select(tallies))
COUNT = Statement(update(tallies).values(hits=tallies.c.hits + ONE))
MEAN = Statement(
    update(tallies).values(
        mean=running_mean(tallies.c.mean, tallies.c.count, bindparam("value")),
        count=running_count(tallies.c.count, bindparam("value")),
    )
)
MERGE = Statement(update(tallies).values(counters=merged_counters(tallies.c.counters, bindparam("more"))))
UPSERT = Statement(
    upsert(
        tallies,
        ["name"],
        ["name", "hits", "counters"],
        {
            "hits": lambda old, new: old.hits + new.hits,
            "counters": lambda old, new: merged_counters(old.counters, new.counters),
        },
    ).returning(tallies.c.version)
)
TAKEN = Statement(
    update(samples)
    .where(
        among(
            samples.c.id,
            select(samples.c.id)
            .where(expired(samples.c.at))
            .order_by(samples.c.at)
            .limit(ONE)
            .with_for_update(skip_locked=True),
        )
    )
    .values(at=None, number=bindparam("number"))
)
DUE = Statement(insert(samples).values(language="", at=from_now(literal_column("-60.0"))))
LEFT = Statement(select(samples.c.id).where(expired(samples.c.at)))


def count(uow: UnitOfWork, number: int) -> object:
    return COUNT.affected(uow)


def mean(uow: UnitOfWork, number: int) -> object:
    return MEAN.affected(uow, value=float(number))


def merge(uow: UnitOfWork, number: int) -> object:
    return MERGE.affected(uow, more={KEYS[number % len(KEYS)]: 1})


def insert_or_count(uow: UnitOfWork, number: int) -> object:
    """No row is there when it begins, so that the processes race to insert it as well."""
    return UPSERT.all(uow, name="upserted", hits=1, counters={KEYS[number % len(KEYS)]: 1})


def take(uow: UnitOfWork, number: int) -> object:
    return TAKEN.affected(uow, number=number)


BLOCKS: dict[str, Callable[[UnitOfWork, int], object]] = {
    each.__name__: each for each in (count, mean, merge, insert_or_count, take)
}


def repeat(url: str, name: str, together: Barrier) -> None:
    block = BLOCKS[name]
    with open_room(url) as room:
        together.wait(60)
        for number in range(EACH):
            with room.write() as uow:
                assert block(uow, number)


def counted(room: Storeroom, url: str, block: Callable[[UnitOfWork, int], object]) -> Sequence[Any]:
    """Let the processes run, and return the tallies."""
    assert run_together(PROCESSES, repeat, url, block.__name__) == [0] * PROCESSES
    with room.read() as uow:
        return TALLY.all(uow)


@pytest.fixture
def tally(room: Storeroom) -> Storeroom:
    with room.write() as uow:
        START.affected(uow, name="a", counters={})
    return room


def test_a_counter_counts_2000(tally: Storeroom, proof_url: str) -> None:
    (row,) = counted(tally, proof_url, count)
    assert row.hits == TOTAL


def test_a_running_mean_is_that_of_2000_values(tally: Storeroom, proof_url: str) -> None:
    (row,) = counted(tally, proof_url, mean)
    assert row.count == TOTAL
    assert abs(Fraction(row.mean) - Fraction(EACH - 1, 2)) < Fraction(1, 10**9)


def test_json_counters_count_2000(tally: Storeroom, proof_url: str) -> None:
    (row,) = counted(tally, proof_url, merge)
    assert row.counters == dict.fromkeys(KEYS, TOTAL // len(KEYS))


def test_an_upsert_inserts_once_and_counts_2000(room: Storeroom, proof_url: str) -> None:
    (row,) = counted(room, proof_url, insert_or_count)
    assert (row.version, row.hits) == (TOTAL, TOTAL)
    assert row.counters == dict.fromkeys(KEYS, TOTAL // len(KEYS))


def test_2000_due_rows_are_taken_by_one_each(room: Storeroom, proof_url: str) -> None:
    """Each of the processes takes 500, one at a time, and there are no more and no fewer."""
    with room.write() as uow:
        for number in range(TOTAL):
            DUE.affected(uow, path=str(number))
    counted(room, proof_url, take)
    with room.read() as uow:
        assert LEFT.all(uow) == []
