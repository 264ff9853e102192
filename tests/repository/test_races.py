"""Real processes: no change is lost, no row is made twice or pruned twice."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storeroom import Statement, Storeroom
from storeroom.errors import StaleVersion
from storeroom.testing import run_together
from tests.repository import workers
from tests.repository.tables import NOON, CountingRepository, ItemRepository, items

pytestmark = pytest.mark.dear

PROCESSES = 4
UPDATES = 50
UPSERTS = 500
ROWS = 3007  # so that the last batch is no whole one


def test_200_updates_under_the_lock_count_200(room: Storeroom, stock_url: str) -> None:
    with room.write() as uow:
        key = ItemRepository(uow).add(code="a", language=None).id
    work = workers.count_by_version
    assert run_together(PROCESSES, work, stock_url, key, UPDATES) == [0] * PROCESSES
    with room.read() as uow:
        item = ItemRepository(uow).get(key)
    assert (item.rank, item.version) == (PROCESSES * UPDATES, PROCESSES * UPDATES + 1)


def test_of_two_that_have_read_the_same_row_one_is_told_that_it_is_stale(room: Storeroom) -> None:
    """The interleaving that the processes may or may not meet."""
    with room.write() as uow:
        key = ItemRepository(uow).add(code="a", language=None).id
    with room.read() as first, room.read() as second:
        read = [ItemRepository(uow).get(key) for uow in (first, second)]
    with room.write() as uow:
        ItemRepository(uow).update(key, version=read[0].version, rank=read[0].rank + 1)
    with pytest.raises(StaleVersion), room.write() as uow:
        ItemRepository(uow).update(key, version=read[1].version, rank=read[1].rank + 1)
    with room.read() as uow:
        assert ItemRepository(uow).get(key).rank == 1


def test_2000_upserts_make_one_row_and_count_2000(room: Storeroom, stock_url: str, tmp_path: Path) -> None:
    work = workers.count_by_upserts
    assert run_together(PROCESSES, work, stock_url, UPSERTS, tmp_path) == [0] * PROCESSES
    total = PROCESSES * UPSERTS
    done = [line.split() for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert sorted(int(version) for _outcome, version, _hits in done) == list(range(1, total + 1))
    assert all(version == hits for _outcome, version, hits in done)
    assert [outcome for outcome, version, _hits in done if version == "1"] == ["inserted"]
    assert {outcome for outcome, version, _hits in done if version != "1"} == {"updated"}
    with room.read() as uow:
        (item,) = CountingRepository(uow).list()
    assert (item.hits, item.version) == (total, total)


def test_two_that_prune_at_once_delete_each_row_once(room: Storeroom, stock_url: str, tmp_path: Path) -> None:
    with room.write() as uow:
        ItemRepository(uow).add_many(
            {"code": str(number), "language": None, "added_at": NOON + timedelta(seconds=number)}
            for number in range(ROWS + 10)
        )
    before = NOON + timedelta(seconds=ROWS)
    assert run_together(2, workers.prune, stock_url, before, 50, tmp_path) == [0, 0]
    deleted = [int(file.read_text()) for file in tmp_path.iterdir()]
    assert len(deleted) == 2
    assert sum(deleted) == ROWS
    with room.read() as uow:
        oldest = Statement(select(func.min(items.c.added_at))).scalar(uow)
        assert (ItemRepository(uow).count(), oldest) == (10, before)
