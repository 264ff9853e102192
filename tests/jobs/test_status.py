"""Setting a status by hand, and queueing again what failed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from storeroom import Storeroom
from storeroom.errors import Duplicate, NotFound, TransientError, ValueRefused
from storeroom.testing import requires
from storeroom_jobs import JobRepository, JobStatus, RequeueRefused
from tests.jobs.helpers import claim, run, table

FINISHED = ["completed", "failed", "dead"]
PENDING = ["queued", "running"]


@pytest.mark.parametrize("status", [*PENDING, *FINISHED])
def test_only_a_finished_job_has_a_time_of_completion(jobs: JobRepository, status: str) -> None:
    job = jobs.set_status(jobs.create("/a").id, status)
    assert job.status is JobStatus(status)
    assert (job.completed_at is not None) == (status in FINISHED)
    assert (job.started_at is not None) == (status == "running")
    assert jobs.get(job.id) == job


def test_a_result_is_stored_with_the_status(jobs: JobRepository) -> None:
    job = jobs.create("/a")
    result: dict[str, Any] = {"output_path": "/o", "stats": {"n": 1}, "source_format": "ass", "config_hash": "c"}
    done = jobs.set_status(job.id, JobStatus.COMPLETED, **result, error="a warning")
    assert {name: getattr(done, name) for name in result} == result
    assert done.error == jobs.set_status(job.id, JobStatus.COMPLETED).error == "a warning"


def test_what_isnt_given_stays_and_empty_text_clears(jobs: JobRepository) -> None:
    job = jobs.create("/a")
    jobs.set_status(job.id, "failed", error="no network", output_path="/o", stats={"n": 1})
    done = jobs.set_status(job.id, "completed")
    assert (done.error, done.output_path, done.stats) == (None, "/o", {"n": 1})


def test_the_same_status_again_keeps_the_time_of_completion(jobs: JobRepository) -> None:
    job = jobs.create("/a")
    done = jobs.set_status(job.id, "completed")
    assert jobs.set_status(job.id, "completed", output_path="/o").completed_at == done.completed_at


def test_a_lease_outlives_only_what_leaves_the_status_as_it_is(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = claim(jobs)
    same = jobs.set_status(job.id, "running", error="a warning")
    assert same == job.model_copy(update={"error": "a warning"})
    ended = jobs.set_status(job.id, "queued")
    assert (ended.lease_expires_at, ended.lease_token) == (None, job.lease_token + 1)


def test_a_job_that_is_set_running_has_no_worker(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.fail(claim(jobs), "no", delay=timedelta(0))
    assert job.worker == "ada"
    assert jobs.set_status(job.id, "running").worker is None


@pytest.mark.parametrize("verb", [lambda jobs: jobs.set_status("gone", "failed"), lambda jobs: jobs.requeue("gone")])
def test_a_job_that_isnt_there_is_not_found(jobs: JobRepository, verb: Callable[[JobRepository], object]) -> None:
    with pytest.raises(NotFound) as missing:
        verb(jobs)
    assert (missing.value.key, missing.value.repository) == ("gone", "jobs")


BAD: list[tuple[str, Any, dict[str, Any]]] = [
    ("status", "done", {"status": "done"}),
    ("status", None, {"status": None}),
    ("stats", "text", {"status": "completed", "stats": "text"}),
    ("stats", {"n": float("nan")}, {"status": "completed", "stats": {"n": float("nan")}}),
    ("output_path", 1, {"status": "completed", "output_path": 1}),
    ("source_format", "\0", {"status": "completed", "source_format": "\0"}),
    ("config_hash", b"c", {"status": "completed", "config_hash": b"c"}),
    ("config_hash", "c" * 601, {"status": "completed", "config_hash": "c" * 601}),
    ("error", 1, {"status": "failed", "error": 1}),
]


@pytest.mark.parametrize(("field", "value", "arguments"), BAD)
def test_what_cant_be_set_is_refused_by_field_and_value(
    jobs: JobRepository, field: str, value: object, arguments: dict[str, Any]
) -> None:
    job = jobs.create("/a")
    with pytest.raises(ValueRefused) as refusal:
        jobs.set_status(job.id, **arguments)
    assert refusal.value.field == field
    assert repr(refusal.value.value) == repr(value)  # NaN isn't equal to itself
    assert jobs.get(job.id) == job


def test_a_job_cant_be_set_pending_while_another_has_its_unique_key(room: Storeroom) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        old = jobs.set_status(jobs.create("/a", unique_key="k").id, "failed")
        jobs.create("/a", unique_key="k")
        with pytest.raises(Duplicate), uow.savepoint():
            jobs.set_status(old.id, "queued")
        assert jobs.get(old.id) == old


@pytest.mark.parametrize("status", ["failed", "dead"])
def test_a_job_that_failed_is_queued_again_from_the_start(jobs: JobRepository, status: str) -> None:
    jobs.create("/a", unique_key="k")
    job = claim(jobs)
    jobs.set_status(job.id, status, error="no network")
    again = jobs.requeue(job.id)
    assert (again.status, again.attempts, again.completed_at) == (JobStatus.QUEUED, 0, None)
    assert (again.error, again.unique_key) == ("no network", "k")
    assert again.run_at >= job.run_at
    assert claim(jobs).id == job.id


def test_a_retry_whose_unique_key_is_held_is_resolved_to_the_holder(jobs: JobRepository) -> None:
    dead = jobs.set_status(jobs.create("/a", unique_key="k").id, "dead", error="no network")
    holder = jobs.create("/a", unique_key="k")
    assert jobs.requeue(dead.id) == holder
    assert jobs.get(dead.id) == dead
    running = claim(jobs)
    assert jobs.requeue(dead.id) == running
    jobs.complete(running)
    assert jobs.requeue(dead.id).id == dead.id


@pytest.mark.parametrize("status", PENDING)
def test_a_job_that_is_pending_already_is_returned_as_it_is(jobs: JobRepository, status: str) -> None:
    job = jobs.set_status(jobs.create("/a").id, status)
    assert jobs.requeue(job.id) == job


def test_a_completed_job_isnt_queued_again(jobs: JobRepository) -> None:
    job = jobs.set_status(jobs.create("/a").id, "completed")
    with pytest.raises(RequeueRefused) as refusal:
        jobs.requeue(job.id)
    assert (refusal.value.job_id, refusal.value.status) == (job.id, JobStatus.COMPLETED)
    assert jobs.get(job.id) == job


def test_a_retry_whose_holder_cant_be_seen_is_to_be_run_again(room: Storeroom, jobs_url: str) -> None:
    failed = run(room, lambda jobs: jobs.set_status(jobs.create("/a", unique_key="k").id, "failed"))
    own = create_engine(jobs_url)
    with own.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        if not requires.ready_connections.met_by(connection):
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.exec_driver_sql("BEGIN")  # which Python's module puts off until a write
        connection.execute(select(table.c.id)).all()
        holder = run(room, lambda jobs: jobs.create("/a", unique_key="k"))
        with pytest.raises(TransientError), room.bind(connection) as uow:
            uow[JobRepository].requeue(failed.id)
        connection.rollback()
    own.dispose()
    assert run(room, lambda jobs: jobs.requeue(failed.id)) == holder
