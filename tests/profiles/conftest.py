"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_profiles import Profile, ProfileRepository
from tests.support.rooms import database, empty_room, open_with, repository

profiles_url = database("profiles")
room = empty_room(Profile.metadata)
profiles = repository(ProfileRepository)


@pytest.fixture(scope="session")
def open_room(profiles_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(ProfileRepository, profiles_url) as room:
        yield room
