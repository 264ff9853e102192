"""One database a lane for all of the plugin's tests; each test finds it empty."""

from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_jobs import Job, JobRepository
from tests.support.rooms import database, empty_room, open_with, repository

jobs_url = database("jobs")
room = empty_room(Job.metadata)
jobs = repository(JobRepository)


@pytest.fixture(scope="session")
def open_room(jobs_url: str) -> Iterator[Storeroom]:
    """A room with this plugin only, for all tests of a lane."""
    with open_with(JobRepository, jobs_url) as room:
        yield room
