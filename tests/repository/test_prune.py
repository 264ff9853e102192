"""prune: rows older than a time, the oldest first, so many at once, past those that others hold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from storeroom import Settings, StatementRun, Storeroom, UnitOfWork
from storeroom.errors import Busy, ValueRefused
from storeroom.testing import requires
from storeroom.testing.processes import context
from tests.repository import workers
from tests.repository.tables import NOON, ItemRepository, PairRepository, codes

HOUR = timedelta(hours=1)


@pytest.fixture
def aged(room: Storeroom) -> Storeroom:
    """A room with ten items, one added each hour from noon on, the latest written first."""
    with room.write() as uow:
        for number in reversed(range(10)):
            ItemRepository(uow).add(code=str(number), language=None, rank=number % 2, added_at=NOON + number * HOUR)
    return room


def left(room: Storeroom) -> list[str]:
    with room.read() as uow:
        return codes(ItemRepository(uow).list(sort="added_at"))


def prune(room: Storeroom, hours: float, **options: Any) -> int:
    return room.run(lambda uow: ItemRepository(uow).prune(NOON + hours * HOUR, **options))


def test_what_is_older_is_deleted_and_what_is_as_old_stays(aged: Storeroom) -> None:
    assert prune(aged, 4) == 4
    assert left(aged) == list("456789")
    assert prune(aged, 4) == 0
    assert prune(aged, 4 + 1 / 3600e6) == 1  # a microsecond
    assert left(aged) == list("56789")


def test_the_oldest_go_first(aged: Storeroom) -> None:
    assert prune(aged, 8, limit=3) == 3
    assert left(aged) == list("3456789")
    assert prune(aged, 8, limit=1) == 1
    assert left(aged) == list("456789")


def test_of_rows_of_the_same_time_those_with_the_lowest_keys_go_first(room: Storeroom) -> None:
    with room.write() as uow:
        for code in "cab":
            ItemRepository(uow).add(code=code, language=None)
    assert prune(room, 1, limit=2) == 2
    assert left(room) == ["b"]


def test_filters_keep_what_they_dont_ask_for(aged: Storeroom) -> None:
    assert prune(aged, 8, rank=1, limit=3) == 3
    assert left(aged) == list("0246789")
    assert prune(aged, 8, rank=[0, 5], text="2") == 1
    assert left(aged) == list("046789")


def test_a_time_of_any_zone_is_the_same_time(aged: Storeroom) -> None:
    tokyo = timezone(timedelta(hours=9))
    assert aged.run(lambda uow: ItemRepository(uow).prune((NOON + 2 * HOUR).astimezone(tokyo))) == 2


def test_a_row_without_a_time_stays(uow: UnitOfWork) -> None:
    shop = PairRepository(uow)
    shop.add(key="a")
    shop.add(key="b", at=NOON)
    assert shop.prune(NOON + HOUR) == 1
    assert [pair.key for pair in shop.list()] == ["a"]


@pytest.mark.parametrize("before", [datetime(2026, 7, 1), "2026-07-01", 0, datetime(1, 1, 1, tzinfo=UTC)])
def test_what_isnt_a_time_is_refused(stock: ItemRepository, sent: list[StatementRun], before: Any) -> None:
    with pytest.raises(ValueRefused) as caught:
        stock.prune(before)
    assert (caught.value.field, caught.value.value, sent) == ("before", before, [])


def test_no_time_is_refused(small: UnitOfWork) -> None:
    nothing: Any = None
    with pytest.raises(ValueRefused):
        ItemRepository(small).prune(nothing)


def test_drain_goes_on_until_there_is_none_each_time_in_a_transaction_of_its_own(aged: Storeroom) -> None:
    transactions: list[tuple[UnitOfWork, int]] = []

    def work(uow: UnitOfWork) -> int:
        transactions.append((uow, ItemRepository(uow).prune(NOON + 8 * HOUR, limit=3)))
        return transactions[-1][1]

    assert aged.drain(work) == 8
    assert [count for _uow, count in transactions] == [3, 3, 2, 0]
    assert len({id(uow) for uow, _count in transactions}) == 4
    assert left(aged) == list("89")


def test_an_error_in_the_middle_of_a_drain_leaves_whole_batches(aged: Storeroom) -> None:
    counts: Iterator[Callable[[int], int]] = iter([int, int, lambda count: 1 // 0])

    def work(uow: UnitOfWork) -> int:
        return next(counts)(ItemRepository(uow).prune(NOON + 8 * HOUR, limit=3))

    with pytest.raises(ZeroDivisionError):
        aged.drain(work)
    assert left(aged) == list("6789")


@contextmanager
def held(url: str, key: int) -> Iterator[None]:
    """Let another process hold a row."""
    ours, theirs = context.Pipe()
    process = context.Process(target=workers.hold, args=(url, key, theirs))
    process.start()
    try:
        assert ours.poll(60)
        assert ours.recv() == "held"
        yield
        ours.send("let go")
        process.join()
        assert process.exitcode == 0
    finally:
        process.kill()
        process.join()


def test_rows_that_others_hold_are_left_for_the_next_time(aged: Storeroom, stock_url: str) -> None:
    """On SQLite, where a writer is alone, that is all of them."""
    with aged.read() as uow:
        key = next(item.id for item in ItemRepository(uow).list() if item.code == "1")
    impatient = Settings(lock_timeout=0.2, busy_timeout=0.2, attempts=1)
    with Storeroom.open(stock_url, discover=False, settings=impatient) as other:
        with held(stock_url, key):
            if not requires.row_locks.met_by(stock_url):
                with pytest.raises(Busy):
                    prune(other, 5)
            else:
                assert prune(other, 5, limit=2) == 2
                assert left(aged) == list("13456789")
                assert other.drain(lambda uow: ItemRepository(uow).prune(NOON + 5 * HOUR)) == 2
            assert left(aged) == list("156789" if requires.row_locks.met_by(stock_url) else "0123456789")
        prune(other, 5)
    assert left(aged) == list("56789")
