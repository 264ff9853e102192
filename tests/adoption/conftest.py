"""One database a lane with all plugins; each test finds it empty. And what the real file becomes, once a lane."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from tests.adoption.target import PLUGINS, clear
from tests.support.rooms import PATIENT, database

adoption_url = database("adoption")


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
