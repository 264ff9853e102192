"""A room on one database a lane with the tables of this folder, empty for each test."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from tests.conftest import Servers
from tests.sql.tables import clear, create_tables, open_room


@pytest.fixture(scope="session")
def proof_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the database that the tests of a lane share; making it is what takes long."""
    if lane == "sqlite":
        yield create_tables(f"sqlite:///{tmp_path_factory.mktemp('proof')}/proof.db")
        return
    url = create_tables(servers(lane).create_database())
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def shared_room(proof_url: str) -> Iterator[Storeroom]:
    with open_room(proof_url) as room:
        yield room


@pytest.fixture
def room(shared_room: Storeroom) -> Storeroom:
    with shared_room.write() as uow:
        clear(uow)
    return shared_room
