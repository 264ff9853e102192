"""Databases for what only one kind can show; `url` is for all else."""

from collections.abc import Iterator

import pytest

from tests.conftest import Servers
from tests.migrations.conftest import server_url, sqlite_url

__all__ = ["server_url", "sqlite_url"]


@pytest.fixture(scope="session")
def shared_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('schema')}/shared.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)
