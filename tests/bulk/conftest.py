"""A room on one database a lane with the tables of this folder, empty for each test."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom, UnitOfWork
from tests.bulk.tables import clear, create_tables
from tests.conftest import Servers
from tests.sql.tables import open_room


@pytest.fixture(scope="session")
def bulk_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the database that the tests of a lane share; making it is what takes long."""
    if lane == "sqlite":
        yield create_tables(f"sqlite:///{tmp_path_factory.mktemp('bulk')}/bulk.db")
        return
    url = create_tables(servers(lane).create_database())
    yield url
    servers(lane).drop_database(url)


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
