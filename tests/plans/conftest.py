"""Rooms with large tables."""

from collections.abc import Iterator

import pytest

from storeroom.testing import Databases
from tests.plans.filling import FilledRooms


@pytest.fixture(scope="session")
def filled(databases: Databases) -> Iterator[FilledRooms]:
    with FilledRooms(databases) as rooms:
        yield rooms
