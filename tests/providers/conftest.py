"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom_providers import ProviderRepository
from tests.conftest import Servers
from tests.providers.helpers import PATIENT, TABLES


@pytest.fixture(scope="session")
def providers_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('providers')}/providers.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(providers_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with Storeroom.open(
        providers_url, allow=["providers"], upgrade=True, require=[ProviderRepository], settings=PATIENT
    ) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, with nothing in it."""
    with open_room.write() as uow:
        for table in TABLES:
            uow.connection.execute(text(f"DELETE FROM {table}"))
    return open_room


@pytest.fixture
def providers(room: Storeroom) -> Iterator[ProviderRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[ProviderRepository]
