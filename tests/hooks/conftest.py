"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom_hooks import HookRepository
from tests.conftest import Servers
from tests.hooks.helpers import PATIENT


@pytest.fixture(scope="session")
def hooks_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('hooks')}/hooks.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(hooks_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with Storeroom.open(hooks_url, allow=["hooks"], upgrade=True, require=[HookRepository], settings=PATIENT) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, without a hook in it."""
    with open_room.write() as uow:
        for table in ("hooks_log", "hooks_scripts", "hooks_webhooks", "storeroom_adoptions"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
    return open_room


@pytest.fixture
def hooks(room: Storeroom) -> Iterator[HookRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[HookRepository]
