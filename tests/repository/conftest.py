"""A room on one database a lane with the tables of this folder, which each test finds empty."""

from collections.abc import Iterator

import pytest

from storeroom import StatementRun, Storeroom, UnitOfWork
from storeroom.testing import counted
from tests.repository.tables import Base, ItemRepository, clear, create_tables, open_room
from tests.support.rooms import database

stock_url = database("stock", create_tables)


@pytest.fixture(scope="session")
def shared_room(stock_url: str) -> Iterator[Storeroom]:
    with open_room(stock_url) as room:
        yield room


@pytest.fixture
def room(shared_room: Storeroom) -> Storeroom:
    """The room, with empty tables."""
    with shared_room.write() as uow:
        clear(uow)
    return shared_room


@pytest.fixture
def uow(room: Storeroom) -> Iterator[UnitOfWork]:
    """One transaction for the whole test."""
    with room.write() as uow:
        yield uow


@pytest.fixture
def stock(uow: UnitOfWork) -> ItemRepository:
    return ItemRepository(uow)


@pytest.fixture
def sent(shared_room: Storeroom) -> Iterator[list[StatementRun]]:
    """The statements that have been run since the test began."""
    with counted(shared_room) as statements:
        yield statements


@pytest.fixture
def small() -> Iterator[UnitOfWork]:
    """A unit of work in memory, for what isn't the database's affair."""
    with Storeroom.open("sqlite://", discover=False, upgrade=True) as room, room.write() as uow:
        Base.metadata.create_all(uow.connection)
        yield uow
