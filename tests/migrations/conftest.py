"""Databases for what only one kind can show (`url` is for all else), and processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storeroom.testing import Server
from tests.migrations.forks import Forker


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/database.db"


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    with Forker() as forker:
        yield forker
