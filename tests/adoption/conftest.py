"""One database a lane with all plugins; each test finds it empty. And what the real file becomes, once a lane."""

from collections.abc import Iterator

import pytest

from storeroom import Settings, Storeroom
from tests.adoption.target import PLUGINS, clear
from tests.conftest import Servers

PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)


@pytest.fixture(scope="session")
def adoption_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('adoption')}/adoption.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(adoption_url: str) -> Iterator[Storeroom]:
    """A room with the six plugins, for all tests of a lane."""
    with Storeroom.open(adoption_url, allow=PLUGINS, upgrade=True, settings=PATIENT) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, without a row in it."""
    clear(open_room)
    return open_room
