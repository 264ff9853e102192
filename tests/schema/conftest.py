"""Databases for what only one kind can show; `url` is for all else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storeroom.testing import Server
from tests.conftest import Servers


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/database.db"


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def shared_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('schema')}/shared.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)
