"""What a folder of tests needs for a room of its own: the fixtures that its conftest.py makes, a line each.

A database is made and brought to head once a lane, which takes long; each test finds its tables empty, which doesn't.
"""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import MetaData, text

from storeroom import BaseRepository, Settings, Storeroom
from storeroom.testing import Databases

# Whoever races on a busy machine waits for its turn.
PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)


def database(name: str, prepare: Callable[[str], object] = lambda url: None) -> object:
    """A fixture: the URL of the database that the tests of a lane share, after `prepare` was called with it."""

    @pytest.fixture(scope="session")
    def url(lane: str, databases: Databases) -> Iterator[str]:
        made = databases.create(lane)
        prepare(made)
        yield made
        databases.drop(made)

    return url


def open_with(repository: type[BaseRepository], url: str) -> Storeroom:
    """Open a room with the plugin of this repository only, at head."""
    return Storeroom.open(
        url, allow=[repository.name], upgrade=True, strict=True, require=[repository], settings=PATIENT
    )


def empty_room(metadata: MetaData) -> object:
    """A fixture: the open room, without a row in its plugin's tables."""

    @pytest.fixture
    def room(open_room: Storeroom) -> Storeroom:
        empty(open_room, metadata)
        return open_room

    return room


def repository(kind: type[BaseRepository]) -> object:
    """A fixture: a repository of the empty room, in one transaction for the whole test."""

    @pytest.fixture
    def in_one_transaction(room: Storeroom) -> Iterator[BaseRepository]:
        with room.write() as uow:
            yield uow[kind]

    return in_one_transaction


def empty(room: Storeroom, metadata: MetaData) -> None:
    """Delete all rows of a plugin, and what is known of its adoptions, so that a test may adopt anew."""
    with room.write() as uow:
        for table in (*reversed(metadata.sorted_tables), "storeroom_adoptions"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
