"""A room on one database a lane with the tables of this folder, empty for each test."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom, UnitOfWork
from tests.bulk.tables import clear, create_tables
from tests.sql.tables import open_room
from tests.support.rooms import database

bulk_url = database("bulk", create_tables)


@pytest.fixture(scope="session")
def shared_room(bulk_url: str) -> Iterator[Storeroom]:
    with open_room(bulk_url) as room:
        yield room


@pytest.fixture
def room(shared_room: Storeroom) -> Storeroom:
    with shared_room.write() as uow:
        clear(uow)
    return shared_room


@pytest.fixture
def uow(room: Storeroom) -> Iterator[UnitOfWork]:
    """One unit of work for the whole test, in empty tables."""
    with room.write() as uow:
        yield uow
