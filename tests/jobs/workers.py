"""What worker processes do in the tests of races."""

import os
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from storeroom import Storeroom
from storeroom_jobs import JobRecord, JobRepository, LeaseLost
from tests.jobs.helpers import run
from tests.support.rooms import PATIENT


def open_jobs(url: str) -> Storeroom:
    return Storeroom.open(url, allow=["jobs"], settings=PATIENT)


def claim_all(url: str, folder: Path, together: Barrier) -> None:
    """Claim and complete until there is nothing left, one or several at a time; write down what was claimed."""
    size = 1 + os.getpid() % 7
    claimed: list[str] = []
    with open_jobs(url) as room:
        together.wait(60)
        while some := run(room, partial(JobRepository.claim, worker=str(os.getpid()), limit=size)):
            assert len(some) <= size
            claimed += [job.id for job in some]
            with room.write() as uow:
                for job in some:
                    uow[JobRepository].complete(job)
    (folder / str(os.getpid())).write_text("\n".join(claimed))


def create_same(url: str, keys: int, together: Barrier) -> None:
    """Create a job with each key, at the same time as other processes do."""
    with open_jobs(url) as room:
        for key in range(keys):
            together.wait(60)
            run(room, partial(JobRepository.create, file_path="/", unique_key=str(key)))


def requeue_or_create(url: str, dead: Sequence[JobRecord], together: Barrier) -> None:
    """Queue each job again, or create one with its key, at the same time as other processes do."""
    with open_jobs(url) as room:
        for job in dead:
            if together.wait(60) % 2:
                pending = run(room, partial(JobRepository.requeue, key=job.id))
            else:
                pending = run(room, partial(JobRepository.create, file_path="/", unique_key=job.unique_key))
            assert pending.status.is_pending
            assert pending.unique_key == job.unique_key


def record(url: str, times: int, together: Barrier) -> None:
    """Record so many results, each in a transaction."""
    with open_jobs(url) as room:
        together.wait(60)
        for number in range(times):
            run(room, partial(JobRepository.record_result, success=True, format=f"format {number % 2}", source="one"))


def hold(url: str, lease: timedelta, pipe: Connection) -> None:
    """Claim a job, send it, and when told so, try what a worker may do with it; send what came of it."""
    with open_jobs(url) as room:
        (job,) = run(room, partial(JobRepository.claim, worker="ada", lease=lease))
        pipe.send(job)
        pipe.recv()
        pipe.send(attempts(room, job))


def attempts(room: Storeroom, job: JobRecord) -> list[str]:
    """Try to extend, fail and complete a job, and tell what came of it."""
    return [_attempt(room, job, verb) for verb in ("extend", "fail", "complete")]


def _attempt(room: Storeroom, job: JobRecord, verb: str) -> str:
    wanted: dict[str, dict[str, Any]] = {"fail": {"error": "too late"}, "extend": {"lease": timedelta(minutes=1)}}
    given = wanted.get(verb, {})
    try:
        run(room, lambda jobs: getattr(jobs, verb)(job, **given))
    except LeaseLost:
        return "lost"
    return "done"
