"""A room on one database a lane with the tables of this folder, empty for each test."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from tests.sql.tables import clear, create_tables, open_room
from tests.support.rooms import database

proof_url = database("proof", create_tables)


@pytest.fixture(scope="session")
def shared_room(proof_url: str) -> Iterator[Storeroom]:
    with open_room(proof_url) as room:
        yield room


@pytest.fixture
def room(shared_room: Storeroom) -> Storeroom:
    with shared_room.write() as uow:
        clear(uow)
    return shared_room
