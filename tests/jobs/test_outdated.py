"""Outdated jobs are found hash by hash, and are those that a look at every job finds."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from storeroom_jobs import JobRecord, JobRepository, JobStatus
from storeroom_jobs.models import ID_LENGTH, KEY_LENGTH

START = datetime(2026, 1, 1, tzinfo=UTC)
HASHES = [None, "A", "a", "b", "ab", "é", "~"]
STATUSES = [JobStatus.COMPLETED, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.QUEUED]
ASKED = ["A", "a", "b", "ab", "é", "~", "", "0", "m", "zz"]


@pytest.fixture(params=range(4))
def made(request: pytest.FixtureRequest, jobs: JobRepository) -> list[JobRecord]:
    """Jobs of a few hashes, of all, or of one; several of them of the same time."""
    random = Random(request.param)  # no secret
    hashes = HASHES[: 1 + 2 * request.param]
    return [
        jobs.add(
            id=f"{random.randrange(1 << 60):x}",
            file_path=f"/{number}",
            status=random.choice(STATUSES),
            config_hash=random.choice(hashes),
            created_at=START + timedelta(minutes=random.randrange(5)),
        )
        for number in range(60)
    ]


def test_they_are_what_a_look_at_every_job_finds(jobs: JobRepository, made: list[JobRecord]) -> None:
    newest_first = sorted(made, key=lambda job: (job.created_at, job.id), reverse=True)
    comparable = [job for job in newest_first if job.status is JobStatus.COMPLETED and job.config_hash is not None]
    for asked, limit in product(ASKED, (1, 7, 100)):
        expected = [job for job in comparable if job.config_hash != asked]
        assert jobs.outdated(asked, limit=limit) == tuple(expected[:limit])
        assert jobs.count_outdated(asked) == len(expected)


def test_the_longest_hash_and_id_fit_into_an_index(jobs: JobRepository) -> None:
    """Of characters of four bytes each, that can't be compressed."""
    random = Random(1)  # no secret

    def longest(length: int) -> str:
        return "".join(chr(random.randrange(0x10000, 0x110000)) for _ in range(length))

    job = jobs.add(id=longest(ID_LENGTH), file_path="/", status="completed", config_hash=longest(KEY_LENGTH))
    assert jobs.outdated("a") == (job,)
