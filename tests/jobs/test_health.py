"""Health: jobs that nobody rescues, ends or claims, and dead ones, are found; a healthy queue is silent."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from storeroom import Finding, Storeroom
from storeroom_jobs import JobRecord, JobRepository
from storeroom_jobs.health import findings
from tests.jobs.helpers import backdate, claim

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def lost(jobs: JobRepository, age: timedelta) -> JobRecord:
    """A job whose lease expired so long ago."""
    jobs.create("/lost")
    job = claim(jobs)
    backdate(jobs, job, "lease_expires_at", age)
    return job


def unleased(jobs: JobRepository, age: timedelta) -> JobRecord:
    """A job that a program set running so long ago."""
    job = jobs.set_status(jobs.create("/unleased").id, "running")
    backdate(jobs, job, "started_at", age)
    return job


def inserted(jobs: JobRepository, age: timedelta) -> JobRecord:
    """A job that was written as running so long ago, without the time of its start."""
    job = jobs.add(file_path="/inserted", status="running")
    backdate(jobs, job, "created_at", age)
    return job


def waiting(jobs: JobRepository, age: timedelta) -> JobRecord:
    """A job whose time came so long ago."""
    job = jobs.create("/waiting")
    backdate(jobs, job, "run_at", age)
    return job


def dead(jobs: JobRepository, age: timedelta) -> JobRecord:
    """A job that has been dead since it was made."""
    job = jobs.set_status(jobs.create("/dead").id, "dead")
    backdate(jobs, job, "created_at", age)
    return job


Trouble = Callable[[JobRepository, timedelta], JobRecord]
LATE: list[tuple[Trouble, timedelta, str, str]] = [
    (lost, 6 * MINUTE, "running jobs whose leases expired more than 5 minutes ago: 1", "rescue()"),
    (unleased, 25 * HOUR, "running jobs without a lease, begun more than a day ago: 1", "set_status("),
    (inserted, 25 * HOUR, "running jobs without a lease, begun more than a day ago: 1", "set_status("),
    (waiting, 25 * HOUR, "queued jobs whose time came more than a day ago: 1", "start workers"),
    (dead, MINUTE, "dead jobs, which failed as often as they may: 1", "requeue("),
]
IN_TIME: list[tuple[Trouble, timedelta]] = [
    (lost, 4 * MINUTE),
    (unleased, 23 * HOUR),
    (inserted, 23 * HOUR),
    (waiting, 23 * HOUR),
]


def health(room: Storeroom) -> Sequence[Finding]:
    outcome = room.health()
    assert not outcome.errors
    found: Sequence[Finding] = outcome.results["jobs"]
    return found


@pytest.mark.parametrize(("trouble", "age", "problem", "cure"), LATE)
def test_a_job_in_trouble_is_found(room: Storeroom, trouble: Trouble, age: timedelta, problem: str, cure: str) -> None:
    with room.write() as uow:
        job = trouble(uow[JobRepository], age)
    (found,) = health(room)
    assert found.problem == f"{problem} ({job.id!r})"
    assert cure in found.cure


def test_what_goes_its_way_is_not_a_finding(room: Storeroom) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        for trouble, age in IN_TIME:
            trouble(jobs, age)
        for status in ("completed", "failed"):
            backdate(jobs, jobs.set_status(jobs.create("/a").id, status), "created_at", 1000 * HOUR)
        jobs.create("/later", run_at=datetime.now(UTC) + HOUR)
        jobs.create("/now", priority=9)
        claim(jobs)
    assert health(room) == ()


@pytest.mark.parametrize(("trouble", "age", "problem", "cure"), LATE)
def test_of_many_the_oldest_few_are_named(
    room: Storeroom, trouble: Trouble, age: timedelta, problem: str, cure: str
) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        made = [trouble(jobs, age + days * 24 * HOUR).id for days in (3, 5, 1, 4, 2)]
    (found,) = health(room)
    oldest = ", ".join(repr(made[place]) for place in (1, 3, 0))
    assert found.problem == f"{problem.removesuffix('1')}5 ({oldest} and 2 more)"


def test_it_takes_four_statements_and_finds_all_at_once(room: Storeroom) -> None:
    with room.write() as uow:
        for trouble, age, _problem, _cure in LATE:
            trouble(uow[JobRepository], age)
    with room.read() as uow:
        assert len(findings(uow)) == 4
        assert uow.statements == 4
