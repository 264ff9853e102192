"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom_wanted import WantedRepository
from tests.conftest import Servers
from tests.wanted.helpers import PATIENT


@pytest.fixture(scope="session")
def wanted_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('wanted')}/wanted.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(wanted_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with Storeroom.open(
        wanted_url, allow=["wanted"], upgrade=True, require=[WantedRepository], settings=PATIENT
    ) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, without an item in it."""
    with open_room.write() as uow:
        uow.connection.execute(text("DELETE FROM wanted"))
    return open_room


@pytest.fixture
def wanted(room: Storeroom) -> Iterator[WantedRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[WantedRepository]
