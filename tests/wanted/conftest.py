"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_wanted import Wanted, WantedRepository
from tests.support.rooms import database, empty_room, open_with, repository

wanted_url = database("wanted")
room = empty_room(Wanted.metadata)
wanted = repository(WantedRepository)


@pytest.fixture(scope="session")
def open_room(wanted_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(WantedRepository, wanted_url) as room:
        yield room
