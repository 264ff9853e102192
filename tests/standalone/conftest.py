"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_standalone import Series, StandaloneRepository
from tests.support.rooms import database, empty_room, open_with, repository

standalone_url = database("standalone")
room = empty_room(Series.metadata)
library = repository(StandaloneRepository)


@pytest.fixture(scope="session")
def open_room(standalone_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(StandaloneRepository, standalone_url) as room:
        yield room
