"""A program, and plugins that share its database."""

from pathlib import Path

import pytest

from tests.coexistence.program import Program
from tests.migrations.conftest import server_url

__all__ = ["server_url"]


@pytest.fixture
def program(site: Path, url: str) -> Program:
    return Program(site, url)
