"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_hooks import Execution, HookRepository
from tests.support.rooms import database, empty_room, open_with, repository

hooks_url = database("hooks")
room = empty_room(Execution.metadata)
hooks = repository(HookRepository)


@pytest.fixture(scope="session")
def open_room(hooks_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(HookRepository, hooks_url) as room:
        yield room
