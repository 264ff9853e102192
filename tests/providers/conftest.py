"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_providers import ProviderRepository
from storeroom_providers.models import stats
from tests.support.rooms import database, empty_room, open_with, repository

providers_url = database("providers")
room = empty_room(stats.metadata)
providers = repository(ProviderRepository)


@pytest.fixture(scope="session")
def open_room(providers_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(ProviderRepository, providers_url) as room:
        yield room
