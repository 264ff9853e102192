"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom import Storeroom
from storeroom_jobs import JobRecord, JobRepository, RequeueRefused
from tests.jobs.helpers import claim

LATER = datetime.now(UTC) + timedelta(days=1)
Verb = Callable[[JobRepository, JobRecord], object]


def completed(jobs: JobRepository, job: JobRecord) -> None:
    with pytest.raises(RequeueRefused):
        jobs.requeue(job.id)


ONE: dict[str, Verb] = {
    "create": lambda jobs, job: jobs.create("/b"),
    "create with a new key": lambda jobs, job: jobs.create("/b", unique_key="new"),
    "create with a key that is held": lambda jobs, job: jobs.create("/b", unique_key="k"),
    "create_unique": lambda jobs, job: jobs.create_unique("/b", "k"),
    "set_status": lambda jobs, job: jobs.set_status(job.id, "failed", error="no"),
    "get": lambda jobs, job: jobs.get(job.id),
    "page": lambda jobs, job: jobs.page(status="running"),
    "recent": lambda jobs, job: jobs.recent(),
    "count_pending": lambda jobs, job: jobs.count_pending(),
    "outdated": lambda jobs, job: jobs.outdated("c"),
    "count_outdated": lambda jobs, job: jobs.count_outdated("c"),
    "delete": lambda jobs, job: jobs.delete(job.id),
    "prune": lambda jobs, job: jobs.prune(LATER),
    "claim": lambda jobs, job: jobs.claim("ben", limit=9),
    "extend": lambda jobs, job: jobs.extend(job, lease=timedelta(hours=1)),
    "release": lambda jobs, job: jobs.release(job),
    "complete": lambda jobs, job: jobs.complete(job),
    "fail": lambda jobs, job: jobs.fail(job, "no"),
    "rescue": lambda jobs, job: jobs.rescue(),
    "record_result": lambda jobs, job: jobs.record_result(success=True, format="ass"),
    "daily_statistics": lambda jobs, job: jobs.daily_statistics(),
    "summary": lambda jobs, job: jobs.summary(),
}


@pytest.mark.parametrize("what", ONE)
def test_a_verb_is_one_statement(room: Storeroom, what: str) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        jobs.create("/a", unique_key="k")
        jobs.create("/other")
        job = claim(jobs)
        before = uow.statements
        ONE[what](jobs, job)
        assert uow.statements - before == 1
    documented = inspect.getdoc(getattr(JobRepository, what.split(maxsplit=1)[0])) or ""
    assert re.search(r"\bone statement\b", documented, re.IGNORECASE)


@pytest.mark.parametrize(
    ("status", "held", "expected"),
    [("dead", False, 1), ("failed", False, 1), ("dead", True, 2), ("queued", False, 2), ("completed", False, 2)],
)
def test_a_requeue_is_one_statement_or_two(room: Storeroom, status: str, held: bool, expected: int) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        job = jobs.set_status(jobs.create("/a", unique_key="k").id, status)
        if held:
            jobs.create("/a", unique_key="k")
        before = uow.statements
        completed(jobs, job) if status == "completed" else jobs.requeue(job.id)
        assert uow.statements - before == expected


def test_every_verb_of_the_plugin_is_counted_here() -> None:
    own = {
        name
        for each in JobRepository.__mro__
        if each.__module__.startswith("storeroom_jobs")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    assert own - {what.split()[0] for what in ONE} == {"requeue"}
