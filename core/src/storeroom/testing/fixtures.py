"""Fixtures for pytest, and how a test gets its databases; `storeroom.testing` brings them in."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from storeroom.room import Storeroom
from storeroom.settings import Settings
from storeroom.testing.databases import Databases
from storeroom.testing.lanes import DEAR, Lanes, lanes_of
from storeroom.testing.rooms import Rooms
from storeroom.testing.servers import Server
from storeroom.unitofwork import UnitOfWork

_AT_HAND = pytest.StashKey[Lanes]()
_CHOSEN = pytest.StashKey[Sequence[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose databases."""
    group = parser.getgroup("storeroom")
    group.addoption(
        "--lane",
        action="append",
        default=[],
        help="run on this database only, which must be there: sqlite, postgresql, postgresql-18, …; repeatable",
    )
    group.addoption("--full", action="store_true", help="run dear tests on every database as well")


def pytest_configure(config: pytest.Config) -> None:
    """Look for databases, once."""
    config.addinivalue_line("markers", "requires(capability): runs on databases that have it; see storeroom.testing")
    config.addinivalue_line(
        "markers", f"{DEAR}: takes seconds; runs on SQLite and one PostgreSQL, in turn, unless --full is given"
    )
    config.stash[_AT_HAND] = Lanes.at_hand()
    config.stash[_CHOSEN] = config.stash[_AT_HAND].chosen(config.getoption("--lane"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a database once on each that has what it requires."""
    for name in ("lane", "server"):
        if name in metafunc.fixturenames:
            lanes = lanes_of(
                metafunc.definition, metafunc.config.stash[_CHOSEN], full=metafunc.config.getoption("--full")
            )
            metafunc.parametrize(name, lanes, scope="session", indirect=name == "server")
            break


@pytest.fixture(scope="session")
def lanes(pytestconfig: pytest.Config) -> Sequence[str]:
    """The names of the databases that this run was told to use, or that are at hand."""
    return pytestconfig.stash[_CHOSEN]


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes databases on any lane; servers are started when they are first asked for, and end with the run."""
    with Databases(pytestconfig.stash[_AT_HAND], tmp_path_factory.mktemp("databases")) as made:
        yield made


@pytest.fixture
def server(request: pytest.FixtureRequest, databases: Databases) -> Server:
    """A running PostgreSQL, for what only a server can show."""
    lane = getattr(request, "param", None) or request.getfixturevalue("lane")
    return databases.server(lane)


@pytest.fixture
def new_database(lane: str, databases: Databases) -> Iterator[Callable[[], str]]:
    """A function that makes an empty database and returns its URL."""
    made: list[str] = []

    def create() -> str:
        made.append(databases.create(lane))
        return made[-1]

    yield create
    for url in made:
        databases.drop(url)


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """The URL of an empty database, this test's own."""
    return new_database()


@pytest.fixture
def room_plugins() -> Sequence[str] | None:
    """The plugins that `room` opens, with those that they require; override it. None stands for all installed."""
    return None


@pytest.fixture(scope="session")
def rooms(databases: Databases) -> Iterator[Rooms]:
    """Rooms that are opened once for all tests with the same plugins on a lane."""
    with Rooms(databases) as opened:
        yield opened


@pytest.fixture
def room(lane: str, rooms: Rooms, room_plugins: Sequence[str] | None) -> Storeroom:
    """An open room at head, every table empty; its database is made once for all tests."""
    return rooms.get(lane, room_plugins)[0]


@pytest.fixture
def room_url(room: Storeroom) -> str:
    """The URL of the database of `room`, for other processes."""
    with room.read() as uow:
        return uow.connection.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def open_room(room: Storeroom, room_url: str) -> Iterator[Callable[..., Storeroom]]:
    """A function that opens another room on the database of `room`, with the settings given to it."""
    with ExitStack() as stack:

        def opened(**settings: Any) -> Storeroom:
            plugins = list(room.registry.plugins)
            another = Storeroom.open(room_url, allow=plugins, deny=(), strict=True, settings=Settings(**settings))
            return stack.enter_context(another)

        yield opened


@pytest.fixture
def uow(room: Storeroom) -> Iterator[UnitOfWork]:
    """A writing unit of work of `room`, for the whole test."""
    with room.write() as uow:
        yield uow
