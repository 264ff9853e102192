"""What the tests of jobs share."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar, cast

from sqlalchemy import Table, bindparam, update

from storeroom import Statement, Storeroom
from storeroom.sql import from_now
from storeroom_jobs import Job, JobRecord, JobRepository

T = TypeVar("T")

DEADLINE = 30.0

table = cast("Table", Job.__table__)
EXPIRE = Statement(
    update(table).where(table.c.id == bindparam("key")).values(lease_expires_at=from_now(bindparam("seconds")))
)


def run(room: Storeroom, work: Callable[[JobRepository], T]) -> T:
    """Do something with jobs in a transaction of its own."""
    return room.run(lambda uow: work(uow[JobRepository]))


def claim(jobs: JobRepository, worker: str = "ada", lease: timedelta = timedelta(minutes=5)) -> JobRecord:
    """Claim the one job that is next."""
    (job,) = jobs.claim(worker, lease=lease)
    return job


def expire(jobs: JobRepository, *held: JobRecord) -> None:
    """Let leases have expired, the first one first, a second apart."""
    for place, job in enumerate(held):
        assert EXPIRE.affected(jobs.uow, key=job.id, seconds=float(place - len(held))) == 1


def backdate(jobs: JobRepository, job: JobRecord, column: str, age: timedelta) -> None:
    """Let a time of a job be so long ago."""
    changed = update(table).where(table.c.id == bindparam("key")).values({column: from_now(bindparam("seconds"))})
    assert Statement(changed).affected(jobs.uow, key=job.id, seconds=-age.total_seconds()) == 1


def rescue_one(room: Storeroom) -> None:
    """Wait until a lease has expired by itself, and rescue its job."""
    until = time.monotonic() + DEADLINE
    while not (rescued := run(room, JobRepository.rescue)):
        assert time.monotonic() < until
    assert len(rescued) == 1
