"""What a folder of tests needs for a room of its own: the fixtures that its conftest.py makes, a line each.

Those of a plugin are storeroom.testing's, made for as long as the run lasts: a database is brought to head once a lane,
which takes long; each test finds its tables empty, which doesn't.
"""

from collections.abc import Callable, Iterator, Sequence

import pytest

from storeroom import BaseRepository, Storeroom, UnitOfWork
from storeroom.testing import Databases
from storeroom.testing.rooms import PATIENT, Rooms, empty

__all__ = ["PATIENT", "database", "empty", "open_with", "plugins", "repository", "url_of"]


def database(name: str, prepare: Callable[[str], object] = lambda url: None) -> object:
    """A fixture: the URL of the database that the tests of a lane share, after `prepare` was called with it."""

    @pytest.fixture(scope="session")
    def url(lane: str, databases: Databases) -> Iterator[str]:
        made = databases.create(lane)
        prepare(made)
        yield made
        databases.drop(made)

    return url


def plugins(*names: str) -> object:
    """The fixture `room_plugins`: those that `room` opens."""

    @pytest.fixture
    def room_plugins() -> Sequence[str]:
        return names

    return room_plugins


def open_with(*names: str) -> object:
    """A fixture: the room with these plugins only, for all tests of a lane, which may have left rows in it."""

    @pytest.fixture(scope="session")
    def open_room(lane: str, rooms: Rooms) -> Storeroom:
        return rooms.get(lane, names)[0]

    return open_room


def url_of(*names: str) -> object:
    """A fixture: the URL of that room's database."""

    @pytest.fixture(scope="session")
    def url(lane: str, rooms: Rooms) -> str:
        return rooms.get(lane, names)[1]

    return url


def repository(kind: type[BaseRepository]) -> object:
    """A fixture: a repository of the empty room, in one transaction for the whole test."""

    @pytest.fixture
    def in_one_transaction(uow: UnitOfWork) -> BaseRepository:
        return uow[kind]

    return in_one_transaction
