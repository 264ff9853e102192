"""Rooms with the tables of the bank, which must have every connection back whatever a test did to them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine

from storeroom import Settings, Storeroom
from storeroom.testing import Databases
from tests.core.tables import bank, checked_out, open_room

RoomMaker = Callable[..., Storeroom]


@pytest.fixture(scope="session")
def bank_database(lane: str, databases: Databases) -> Iterator[str]:
    """The URL of one database with the bank's tables, which the tests of a lane share; making it is what takes long."""
    url = databases.create(lane)
    engine = create_engine(url)
    bank.create_all(engine)
    engine.dispose()
    open_room(url).close()
    yield url
    databases.drop(url)


@pytest.fixture
def bank_url(bank_database: str) -> str:
    """The URL of the bank's database, with empty tables."""
    engine = create_engine(bank_database)
    with engine.begin() as connection:
        for table in reversed(bank.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return bank_database


@pytest.fixture
def make_room(bank_url: str) -> Iterator[RoomMaker]:
    """A function that opens a room on the bank's database with the settings given."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_opened(bank_url, settings))


@pytest.fixture
def room(make_room: RoomMaker) -> Storeroom:
    """A room on the bank's database that doesn't wait long for anything."""
    return make_room(busy_timeout=0.2, lock_timeout=0.2, pool_timeout=0.5)


@contextmanager
def _opened(url: str, settings: dict[str, Any]) -> Iterator[Storeroom]:
    with open_room(url, settings=Settings(**settings)) as room:
        yield room
        assert checked_out(room) == 0, "a connection didn't come back to the pool"
