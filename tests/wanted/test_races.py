"""Real processes: no search is lost, what is ignored stays so, and scans don't remove each other's items."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from storeroom import Storeroom
from storeroom.testing import run_together
from storeroom_wanted import WantedRepository, WantedStatus
from storeroom_wanted.models import wanted as table
from tests.wanted import workers
from tests.wanted.helpers import item, run

pytestmark = pytest.mark.dear

PROCESSES, EACH = 4, 500
ITEMS, ROUNDS = 300, 6


def test_2000_searches_of_four_processes_are_counted(room: Storeroom, wanted_url: str) -> None:
    run(room, lambda wanted: wanted.upsert_many(item(f"/{number}") for number in range(2)))
    with room.read() as uow:
        ids = [each.id for each in uow[WantedRepository].stream_keys()]
    assert run_together(PROCESSES, workers.mark, wanted_url, ids, EACH) == [0] * PROCESSES
    with room.read() as uow:
        found = uow[WantedRepository].list()
    assert [record.search_count for record in found] == [PROCESSES * EACH // 2] * 2
    assert [record.version for record in found] == [1 + PROCESSES * EACH // 2] * 2


def test_what_one_process_ignores_stays_ignored_whatever_three_others_scan(room: Storeroom, wanted_url: str) -> None:
    run(room, lambda wanted: wanted.upsert_many(workers.scanned(ITEMS, "before")))
    with room.read() as uow:
        ids = [each.id for each in uow[WantedRepository].stream_keys()]
    assert run_together(PROCESSES, workers.scan_or_ignore, wanted_url, ids, ROUNDS) == [0] * PROCESSES
    with room.read() as uow:
        found = uow[WantedRepository].list()
    assert Counter(record.status for record in found) == {WantedStatus.IGNORED: ITEMS}
    assert {record.title for record in found} != {"before"}
    assert run(room, lambda wanted: wanted.upsert_many(workers.scanned(ITEMS, "after"))).count("updated") == ITEMS
    assert run(room, lambda wanted: wanted.count(status="ignored")) == ITEMS


def test_scans_at_once_remove_what_is_gone_of_their_own_and_nothing_else(room: Storeroom, wanted_url: str) -> None:
    size = ITEMS // 2
    assert run_together(PROCESSES, workers.scan_and_remove, wanted_url, size, ROUNDS) == [0] * PROCESSES
    last = range(ROUNDS - 1, ROUNDS - 1 + size)
    own = {f"/{number}/{each}" for number in range(PROCESSES) for each in last}
    assert run(room, WantedRepository.paths) == own | {f"/shared/{each}" for each in range(size)}
    with room.read() as uow:
        doubles = select(func.count()).select_from(table).group_by(table.c.file_path).having(func.count() > 1)
        assert uow.connection.execute(doubles).all() == []


def test_scans_and_a_removal_of_the_same_items_dont_deadlock(room: Storeroom, wanted_url: str) -> None:
    assert run_together(PROCESSES, workers.scan_against_removal, wanted_url, ITEMS, 2 * ROUNDS) == [0] * PROCESSES
    assert run(room, lambda wanted: wanted.upsert_many(workers.scanned(ITEMS, "after"))).count("unchanged") == 0
    assert run(room, WantedRepository.count) == ITEMS
