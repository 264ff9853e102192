"""Two transactions at one job: they do what one after the other would, or the second passes the job over."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import Duplicate, NotFound
from storeroom.testing import requires
from storeroom_jobs import JobRecord, JobRepository, LeaseLost, RequeueRefused
from tests.jobs.helpers import claim, expire, run

pytestmark = pytest.mark.dear

State = Callable[[JobRepository], JobRecord]
Verb = Callable[[JobRepository, JobRecord], object]
# What each verb gave, and the jobs that there are then.
Outcome = tuple[list[object], object]

LATER = datetime.now(UTC) + timedelta(days=1)
KEY = "k"


def held(jobs: JobRepository) -> JobRecord:
    """A job whose worker is late."""
    jobs.create("/", unique_key=KEY)
    job = claim(jobs)
    expire(jobs, job)
    return job


def queued(jobs: JobRepository) -> JobRecord:
    return jobs.create("/", unique_key=KEY)


def dead(jobs: JobRepository) -> JobRecord:
    return jobs.set_status(jobs.create("/", unique_key=KEY).id, "dead")


STATES: list[State] = [held, queued, dead]
VERBS: dict[str, Verb] = {
    "claim": lambda jobs, job: jobs.claim("ben"),
    "rescue": lambda jobs, job: jobs.rescue(),
    "extend": lambda jobs, job: jobs.extend(job, lease=timedelta(hours=1)),
    "complete": lambda jobs, job: jobs.complete(job, output_path="/o"),
    "fail": lambda jobs, job: jobs.fail(job, "no", delay=timedelta(0)),
    "release": lambda jobs, job: jobs.release(job),
    "set queued": lambda jobs, job: jobs.set_status(job.id, "queued"),
    "set completed": lambda jobs, job: jobs.set_status(job.id, "completed"),
    "requeue": lambda jobs, job: jobs.requeue(job.id),
    "create": lambda jobs, job: jobs.create_unique("/", KEY),
    "delete": lambda jobs, job: jobs.delete(job.id),
    "prune": lambda jobs, job: jobs.prune(LATER),
}
# What they give where they pass over a job that another transaction has changed.
PASSING: dict[str, object] = {"claim": [], "rescue": [], "prune": 0}
REFUSALS = (LeaseLost, RequeueRefused, NotFound, Duplicate)

known: dict[tuple[str, ...], Outcome] = {}

BLOCKED = text("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))")


def shape(result: object) -> object:
    """A result without what differs each time: ids and times."""
    if isinstance(result, JobRecord):
        fields = result.model_dump(exclude={"id"})
        return {name: isinstance(value, datetime) or value for name, value in fields.items()}
    return [shape(each) for each in result] if isinstance(result, tuple | list) else result


def attempt(uow: UnitOfWork, verb: str, job: JobRecord) -> object:
    try:
        with uow.savepoint():
            return shape(VERBS[verb](uow[JobRepository], job))
    except REFUSALS as error:
        return type(error)


def all_jobs(room: Storeroom) -> object:
    return run(room, lambda jobs: shape(jobs.list()))


def start(room: Storeroom, state: State) -> JobRecord:
    """Let one job be there, in a state."""
    with room.write() as uow:
        uow.connection.execute(text("DELETE FROM jobs"))
        return state(uow[JobRepository])


def one_by_one(room: Storeroom, state: State, *verbs: str) -> Outcome:
    """Do one after the other; on another database it was the same."""
    key = (state.__name__, *verbs)
    if key not in known:
        job = start(room, state)
        results = []
        for verb in verbs:
            with room.write() as uow:
                results.append(attempt(uow, verb, job))
        known[key] = (results, all_jobs(room))
    return known[key]


def at_once(room: Storeroom, state: State, first: str, second: str) -> Outcome:
    """Do the second in a transaction that doesn't know the end of the first's, or waits for it."""
    job = start(room, state)

    def follow() -> object:
        with room.write() as uow:
            return attempt(uow, second, job)

    with ThreadPoolExecutor(1) as thread:
        with room.write() as uow:
            result = attempt(uow, first, job)
            future = thread.submit(follow)
            wait_until_stuck(uow, future)
        return [result, future.result(60)], all_jobs(room)


def wait_until_stuck(uow: UnitOfWork, future: Future[object]) -> None:
    """Wait until the second is done or waits for the first; SQLite doesn't tell, and lets none begin before the end."""
    while requires.row_locks.met_by(uow) and not future.done():
        if uow.connection.execute(BLOCKED).scalar():
            return


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("first", VERBS)
def test_two_at_once_do_what_they_do_one_after_the_other(room: Storeroom, state: State, first: str) -> None:
    for second in VERBS:
        (later, earlier), jobs = one_by_one(room, state, second, first)
        orders = [one_by_one(room, state, first, second), ([earlier, later], jobs)]
        if second in PASSING:
            (alone,), jobs = one_by_one(room, state, first)
            orders.append(([alone, PASSING[second]], jobs))
        assert at_once(room, state, first, second) in orders, second
