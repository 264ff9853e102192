"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_profiles import ProfileRepository
from tests.conftest import Servers
from tests.profiles.helpers import PATIENT, clear


@pytest.fixture(scope="session")
def profiles_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('profiles')}/profiles.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(profiles_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with Storeroom.open(
        profiles_url, allow=["profiles"], upgrade=True, strict=True, require=[ProfileRepository], settings=PATIENT
    ) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, without a profile in it."""
    clear(open_room)
    return open_room


@pytest.fixture
def profiles(room: Storeroom) -> Iterator[ProfileRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[ProfileRepository]
