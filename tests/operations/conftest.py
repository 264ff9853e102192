"""A room with the plugin of this folder, and a file of the old system."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storeroom import Storeroom
from tests.operations.library import open_room


@pytest.fixture
def room(url: str) -> Iterator[Storeroom]:
    with open_room(url, upgrade=True) as room:
        yield room


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the old system's file is to be."""
    return tmp_path / "old.db"
