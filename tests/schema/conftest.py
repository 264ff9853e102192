"""Databases for what only one kind can show; `url` is for all else."""

from collections.abc import Iterator

import pytest

from storeroom.testing import Databases
from tests.migrations.conftest import server_url, sqlite_url

__all__ = ["server_url", "sqlite_url"]


@pytest.fixture(scope="session")
def shared_url(lane: str, databases: Databases) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    url = databases.create(lane)
    yield url
    databases.drop(url)
