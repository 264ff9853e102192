"""stream: rows in order, read as they are asked for, inside the unit of work."""

from collections.abc import Iterator

import pytest

from storeroom import StatementRun, Storeroom
from storeroom.errors import UnitOfWorkClosed, ValueRefused
from tests.repository.tables import ItemRepository, codes

ROWS = 100


@pytest.fixture
def full(room: Storeroom) -> Storeroom:
    with room.write() as uow:
        ItemRepository(uow).add_many({"code": f"{number:03}", "language": None} for number in range(ROWS))
    return room


@pytest.mark.parametrize("size", [1, 7, ROWS, 10 * ROWS])
def test_all_rows_come_in_order_whatever_the_size_of_a_reading(full: Storeroom, size: int) -> None:
    with full.read() as uow:
        stream = ItemRepository(uow).stream(sort="-code", size=size)
        assert isinstance(stream, Iterator)
        assert codes(stream) == [f"{number:03}" for number in reversed(range(ROWS))]


def test_what_is_read_can_be_written_about_in_between(full: Storeroom, sent: list[StatementRun]) -> None:
    with full.write() as uow:
        stock = ItemRepository(uow)
        before = len(sent)
        for number, item in enumerate(stock.stream(size=10)):
            assert stock.update(item.id, rank=number + 1).version == 2
        assert len(sent) == before + 1 + ROWS
        assert stock.count(rank=0) == 0


def test_a_stream_that_is_left_in_the_middle_leaves_nothing_behind(full: Storeroom) -> None:
    with full.write() as uow:
        stock = ItemRepository(uow)
        assert next(stock.stream(size=1)).code == "000"
        assert stock.count() == ROWS
        assert stock.delete(stock.list(limit=1)[0].id)


def test_outside_of_the_unit_of_work_there_is_no_more_to_read(full: Storeroom) -> None:
    with full.read() as uow:
        begun, fresh = ItemRepository(uow).stream(size=1), ItemRepository(uow).stream(size=1)
        next(begun)
    for stream in (begun, fresh):
        with pytest.raises(UnitOfWorkClosed):
            list(stream)


def test_a_value_that_is_refused_leaves_the_transaction_as_it_was(full: Storeroom) -> None:
    with full.read() as uow:
        stock = ItemRepository(uow)
        with pytest.raises(ValueRefused, match=r"^rank: 'x' isn't a whole number"):
            list(stock.stream(rank="x"))
        assert len(list(stock.stream(rank=0))) == ROWS
