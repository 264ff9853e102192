"""Real processes: each job is claimed once, a dead worker's job is rescued, a key has one job, no result is lost."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storeroom import Storeroom
from storeroom.testing import run_together
from storeroom.testing.processes import context
from storeroom_jobs import JobRecord, JobRepository, JobStatus
from tests.jobs import workers
from tests.jobs.helpers import rescue_one, run, table

LEASE = timedelta(milliseconds=100)
JOBS, WORKERS = 2000, 8
PROCESSES, EACH = 4, 500
KEYS = 25


@pytest.mark.dear
def test_eight_workers_claim_each_of_2000_jobs_once(room: Storeroom, jobs_url: str, tmp_path: Path) -> None:
    paths = [{"file_path": f"/{number}", "priority": number % 3} for number in range(JOBS)]
    run(room, lambda jobs: jobs.add_many(paths))
    assert run_together(WORKERS, workers.claim_all, jobs_url, tmp_path) == [0] * WORKERS
    claimed = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert len(claimed) == len(set(claimed)) == JOBS
    with room.read() as uow:
        assert uow[JobRepository].count(status="completed") == JOBS
        attempts = uow.connection.execute(select(func.min(table.c.attempts), func.max(table.c.attempts))).one()
    assert tuple(attempts) == (1, 1)


@contextmanager
def holder(url: str) -> Iterator[tuple[BaseProcess, Connection, JobRecord]]:
    """A process that has claimed the next job, and its end of a pipe."""
    ours, theirs = context.Pipe()
    process = context.Process(target=workers.hold, args=(url, LEASE, theirs))
    process.start()
    try:
        assert ours.poll(60)
        yield process, ours, ours.recv()
    finally:
        process.kill()
        process.join()


def test_the_job_of_a_killed_worker_is_rescued_and_done_by_another(room: Storeroom, jobs_url: str) -> None:
    made = run(room, lambda jobs: jobs.create("/a"))
    with holder(jobs_url) as (process, _pipe, held):
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert (held.id, process.exitcode) == (made.id, -signal.SIGKILL)
    rescue_one(room)
    (job,) = run(room, partial(JobRepository.claim, worker="ben"))
    assert (job.id, job.attempts) == (made.id, 2)
    assert workers.attempts(room, held) == ["lost"] * 3
    assert run(room, lambda jobs: jobs.complete(job)).worker == "ben"


def test_a_worker_that_wakes_up_too_late_cant_touch_its_job(room: Storeroom, jobs_url: str) -> None:
    run(room, lambda jobs: jobs.create("/a"))
    with holder(jobs_url) as (process, pipe, held):
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        rescue_one(room)
        (job,) = run(room, partial(JobRepository.claim, worker="ben"))
        os.kill(process.pid, signal.SIGCONT)
        pipe.send("go on")
        assert pipe.poll(60)
        assert pipe.recv() == ["lost"] * 3
    assert held.worker == "ada"
    assert run(room, lambda jobs: jobs.get(job.id)) == job
    assert run(room, lambda jobs: jobs.complete(job)).status is JobStatus.COMPLETED


def test_a_worker_that_has_its_job_can_end_it(room: Storeroom, jobs_url: str) -> None:
    """The other side of what the zombie is refused: the same process, the same verbs, no rescue between."""
    run(room, lambda jobs: jobs.create("/a"))
    with holder(jobs_url) as (_process, pipe, _held):
        pipe.send("go on")
        assert pipe.poll(60)
        assert pipe.recv() == ["done", "done", "lost"]


def pending_by_key(room: Storeroom) -> dict[str, int]:
    with room.read() as uow:
        count = select(table.c.unique_key, func.count()).where(table.c.status.in_(["queued", "running"]))
        rows = uow.connection.execute(count.group_by(table.c.unique_key)).all()
    return dict(rows)


def test_a_key_has_one_pending_job_whoever_creates_it(room: Storeroom, jobs_url: str) -> None:
    assert run_together(PROCESSES, workers.create_same, jobs_url, KEYS) == [0] * PROCESSES
    assert pending_by_key(room) == {str(key): 1 for key in range(KEYS)}
    assert run(room, JobRepository.count) == KEYS


def test_a_key_has_one_pending_job_whoever_queues_it_again_or_creates_it(room: Storeroom, jobs_url: str) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        made = [jobs.create("/", unique_key=str(key)) for key in range(KEYS)]
        dead = [jobs.set_status(job.id, "dead") for job in made]
    assert run_together(PROCESSES, workers.requeue_or_create, jobs_url, dead) == [0] * PROCESSES
    assert pending_by_key(room) == {str(key): 1 for key in range(KEYS)}


@pytest.mark.dear
def test_2000_results_of_four_processes_are_counted(room: Storeroom, jobs_url: str) -> None:
    assert run_together(PROCESSES, workers.record, jobs_url, EACH) == [0] * PROCESSES
    total = PROCESSES * EACH
    summary = run(room, JobRepository.summary)
    assert summary.translated == total
    assert summary.by_source == {"one": total}
    assert summary.by_format == {"format 0": total // 2, "format 1": total // 2}
