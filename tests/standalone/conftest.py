"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_standalone import StandaloneRepository
from tests.conftest import Servers
from tests.standalone.helpers import PATIENT, empty


@pytest.fixture(scope="session")
def standalone_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('standalone')}/standalone.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(standalone_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    required = [StandaloneRepository]
    with Storeroom.open(standalone_url, allow=["standalone"], upgrade=True, require=required, settings=PATIENT) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, with nothing in it."""
    empty(open_room)
    return open_room


@pytest.fixture
def library(room: Storeroom) -> Iterator[StandaloneRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[StandaloneRepository]
