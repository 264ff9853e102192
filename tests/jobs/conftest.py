"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom_jobs import JobRepository
from tests.conftest import Servers
from tests.jobs.helpers import PATIENT


@pytest.fixture(scope="session")
def jobs_url(lane: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if lane == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('jobs')}/jobs.db"
        return
    url = servers(lane).create_database()
    yield url
    servers(lane).drop_database(url)


@pytest.fixture(scope="session")
def open_room(jobs_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with Storeroom.open(jobs_url, allow=["jobs"], upgrade=True, require=[JobRepository], settings=PATIENT) as room:
        yield room


@pytest.fixture
def room(open_room: Storeroom) -> Storeroom:
    """The room, without a job in it."""
    with open_room.write() as uow:
        for table in ("jobs", "jobs_daily"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
    return open_room


@pytest.fixture
def jobs(room: Storeroom) -> Iterator[JobRepository]:
    """The repository, in one transaction for the whole test."""
    with room.write() as uow:
        yield uow[JobRepository]
