"""Batches with the same keys in other orders, all at once: none deadlocks, none is tried again, nothing is lost."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.synchronize import Barrier
from threading import Barrier as ThreadBarrier
from typing import TypeVar

import pytest
from sqlalchemy import select

from storeroom import Storeroom, UnitOfWork
from storeroom.sql import Outcomes
from storeroom.testing import run_together
from tests.bulk.tables import Tallies, rows
from tests.sql.tables import open_room, tallies

T = TypeVar("T")

pytestmark = pytest.mark.dear

WRITERS, ROUNDS = 4, 3
KEYS, BATCH = 6000, 5000


def batch(seed: int, size: int = BATCH) -> list[str]:
    """So many of the keys, in an order of their own; a tenth of them occurs twice."""
    chance = random.Random(seed)
    keys = [f"key {number}" for number in chance.sample(range(KEYS), size * 9 // 10)]
    keys += chance.sample(keys, size - len(keys))
    chance.shuffle(keys)
    return keys


def upsert(room: Storeroom, keys: Sequence[str]) -> Outcomes:
    return room.run(lambda uow: Tallies(uow).upsert_many({"name": key, "hits": 1} for key in keys), attempts=1)


def delete(room: Storeroom, keys: Sequence[str]) -> int:
    return room.run(lambda uow: Tallies(uow).delete_many(keys), attempts=1)


def together(*works: Callable[[], T]) -> list[T]:
    """Let threads begin at the same moment, and return what each made."""
    barrier = ThreadBarrier(len(works))

    def run(work: Callable[[], T]) -> T:
        barrier.wait(60)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def counted(uow: UnitOfWork) -> dict[str, tuple[int, int]]:
    """Return hits and version of each key: a row that is inserted with one hit and changed by one has as many."""
    return {row[0]: row[1:] for row in rows(uow, select(tallies.c.name, tallies.c.hits, tallies.c.version))}


def check(room: Storeroom, batches: Sequence[Sequence[str]]) -> None:
    expected: Counter[str] = Counter()
    for each in batches:
        expected.update(each)
    with room.read() as uow:
        assert counted(uow) == {key: (hits, hits) for key, hits in expected.items()}


def test_upserts_of_four_threads_all_count(room: Storeroom) -> None:
    """Of all sizes, so that documents and staged rows meet."""
    sizes = [BATCH, 900, BATCH, 1100]
    batches = [[batch(100 * turn + number, size) for number, size in enumerate(sizes)] for turn in range(ROUNDS)]
    for turn in batches:
        outcomes = together(*(partial(upsert, room, keys) for keys in turn))
        assert [len(each) for each in outcomes] == sizes
    check(room, [keys for turn in batches for keys in turn])


def upsert_in_process(url: str, together: Barrier) -> None:
    with open_room(url) as room:
        for turn in range(ROUNDS):
            number = together.wait(60)
            upsert(room, batch(100 * turn + number))


def test_upserts_of_four_processes_all_count(room: Storeroom, bulk_url: str) -> None:
    assert run_together(WRITERS, upsert_in_process, bulk_url) == [0] * WRITERS
    check(room, [batch(100 * turn + number) for turn in range(ROUNDS) for number in range(WRITERS)])


def test_each_row_is_deleted_once(room: Storeroom) -> None:
    everything = [f"key {number}" for number in range(KEYS)]
    for turn in range(ROUNDS):
        upsert(room, everything)
        batches = [batch(100 * turn + number, size) for number, size in enumerate([BATCH, 900, BATCH, 1100])]
        deleted = together(*(partial(delete, room, keys) for keys in batches))
        gone = {key for keys in batches for key in keys}
        assert sum(deleted) == len(gone)
        with room.read() as uow:
            assert counted(uow).keys() == set(everything) - gone


def test_upserts_and_deletes_of_the_same_keys_leave_what_they_say(room: Storeroom) -> None:
    left = 0

    def insert(keys: Sequence[str]) -> int:
        return upsert(room, keys).count("inserted")

    def remove(keys: Sequence[str]) -> int:
        return -delete(room, keys)

    for turn in range(ROUNDS):
        verbs = [insert, remove, insert, remove]
        left += sum(together(*(partial(verb, batch(100 * turn + number)) for number, verb in enumerate(verbs))))
        with room.read() as uow:
            assert len(counted(uow)) == left
