"""A folder with a database file, and processes to kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storeroom.backups import backup
from storeroom.testing import Server
from tests.backups.databases import change, make, opened
from tests.migrations.conftest import forker

__all__ = ["forker"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own, so that a test sees every file that is left in it."""
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def file(folder: Path) -> Path:
    """A database file with rows."""
    return make(folder / "app.db", "live")


@pytest.fixture
def kept(file: Path, tmp_path: Path) -> Path:
    """A back-up of the database, which holds something else by now."""
    target = tmp_path / "kept.backup"
    with opened(file) as database:
        backup(database, target)
    change(file)
    return target


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    url = server.create_database()
    yield url
    server.drop_database(url)
