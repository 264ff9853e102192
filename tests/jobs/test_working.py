"""Workers: what they are given, what becomes of it, and that only the holder of a lease can say so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom.errors import ValueRefused
from storeroom_jobs import JobRecord, JobRepository, JobStatus, LeaseLost, backoff
from tests.jobs.helpers import claim, expire

FAR = timedelta(days=1)
AT_ONCE = timedelta(0)


def test_a_claim_takes_a_job(jobs: JobRepository) -> None:
    made = jobs.create("/a")
    (job,) = jobs.claim("ada", lease=timedelta(minutes=2))
    assert (job.id, job.status, job.worker) == (made.id, JobStatus.RUNNING, "ada")
    assert (job.attempts, job.lease_token) == (1, 1)
    assert job.started_at is not None
    assert job.lease_expires_at == job.started_at + timedelta(minutes=2)
    assert jobs.claim("ben") == ()


def test_the_highest_priority_comes_first_then_the_earliest(jobs: JobRepository) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    for path, priority, day in [("/d", 0, 3), ("/b", 5, 2), ("/c", 0, 1), ("/a", 5, 1)]:
        jobs.create(path, priority=priority, run_at=past + timedelta(days=day))
    assert [job.file_path for job in jobs.claim("ada", limit=3)] == ["/a", "/b", "/c"]
    assert claim(jobs).file_path == "/d"


def test_a_job_waits_for_its_time(jobs: JobRepository) -> None:
    jobs.create("/later", run_at=datetime.now(UTC) + FAR, priority=9)
    jobs.create("/now")
    assert [job.file_path for job in jobs.claim("ada", limit=10)] == ["/now"]


def test_extending_moves_the_end_of_the_lease(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = claim(jobs)
    longer = jobs.extend(job, lease=timedelta(hours=3))
    assert job.lease_expires_at is not None
    assert longer.lease_expires_at is not None
    assert longer.lease_expires_at - job.lease_expires_at > timedelta(hours=2)
    assert longer.model_copy(update={"lease_expires_at": job.lease_expires_at}) == job


def test_completing_stores_the_result(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.complete(claim(jobs), output_path="/a.de.srt", stats={"lines": 3}, source_format="ass", config_hash="c1")
    assert (job.status, job.output_path, job.stats) == (JobStatus.COMPLETED, "/a.de.srt", {"lines": 3})
    assert (job.source_format, job.config_hash, job.worker) == ("ass", "c1", "ada")
    assert job.completed_at is not None
    assert job.lease_expires_at is None
    assert jobs.get(job.id) == job


def test_completing_without_a_result_is_fine(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.complete(claim(jobs))
    assert (job.output_path, job.stats, job.source_format, job.config_hash) == (None, {}, None, None)


def test_a_failed_attempt_is_tried_again_later(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.fail(claim(jobs), "no network", delay=FAR)
    assert (job.status, job.error, job.attempts, job.completed_at) == (JobStatus.QUEUED, "no network", 1, None)
    assert job.run_at - job.created_at >= FAR
    assert jobs.claim("ben") == ()


def test_completing_clears_the_error_of_an_earlier_attempt(jobs: JobRepository) -> None:
    jobs.create("/a")
    jobs.fail(claim(jobs), "no network", delay=AT_ONCE)
    assert jobs.complete(claim(jobs)).error is None


def test_without_a_delay_the_pause_is_random_and_grows(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.fail(claim(jobs), "no network")
    assert AT_ONCE <= job.run_at - job.created_at <= timedelta(seconds=11)
    pauses = {attempts: [backoff(attempts) for _ in range(200)] for attempts in (1, 2, 5, 100)}
    longest = {attempts: max(drawn) for attempts, drawn in pauses.items()}
    assert timedelta(seconds=5) < longest[1] <= timedelta(seconds=10) < longest[2] <= timedelta(seconds=20)
    assert timedelta(seconds=80) < longest[5] <= timedelta(seconds=160)
    assert timedelta(minutes=30) < longest[100] <= timedelta(hours=1)
    assert all(min(drawn) < longest[attempts] / 4 for attempts, drawn in pauses.items())


def test_after_its_last_attempt_a_job_is_dead(jobs: JobRepository) -> None:
    jobs.create("/a", max_attempts=2)
    assert jobs.fail(claim(jobs), "once", delay=AT_ONCE).status is JobStatus.QUEUED
    dead = jobs.fail(claim(jobs), "twice", delay=AT_ONCE)
    assert (dead.status, dead.attempts, dead.error) == (JobStatus.DEAD, 2, "twice")
    assert dead.completed_at is not None
    assert jobs.claim("ada") == ()


def test_a_job_that_isnt_to_be_tried_again_has_failed(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.fail(claim(jobs), "no such file", retry=False)
    assert (job.status, job.error) == (JobStatus.FAILED, "no such file")
    assert job.completed_at is not None
    assert jobs.claim("ada") == ()


def test_a_job_that_is_given_back_wasnt_tried(jobs: JobRepository) -> None:
    made = jobs.create("/a", max_attempts=1)
    job = claim(jobs)
    assert jobs.release(job) == made.model_copy(
        update={"worker": "ada", "lease_token": 1, "started_at": job.started_at}
    )
    again = claim(jobs, "ben")
    assert (again.id, again.attempts, again.lease_token) == (made.id, 1, 2)
    assert jobs.complete(again).status is JobStatus.COMPLETED


def test_a_job_can_be_given_back_for_later(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = jobs.release(claim(jobs), delay=FAR)
    assert (job.status, job.attempts, job.lease_expires_at) == (JobStatus.QUEUED, 0, None)
    assert job.run_at - job.created_at >= FAR
    assert jobs.claim("ben") == ()


def test_a_waiting_job_can_be_moved(jobs: JobRepository) -> None:
    jobs.create("/a")
    late = jobs.create("/b", run_at=datetime.now(UTC) + FAR)
    jobs.update(late.id, run_at=datetime.now(UTC) - FAR, priority=1)
    assert claim(jobs).id == late.id


def test_any_text_of_an_error_can_be_reported(jobs: JobRepository) -> None:
    jobs.create("/a")
    assert jobs.fail(claim(jobs), "file \udcff and \0").error == "file \\udcff and \\x00"


def test_a_job_whose_lease_expired_is_queued_again(jobs: JobRepository) -> None:
    made = jobs.create("/a")
    lost = claim(jobs, "ada")
    expire(jobs, lost)
    (job,) = jobs.rescue()
    assert job == jobs.get(made.id)
    assert (job.status, job.error, job.attempts) == (JobStatus.QUEUED, "the lease of worker 'ada' expired", 1)
    assert (job.run_at, job.completed_at, job.lease_expires_at) == (made.run_at, None, None)
    assert claim(jobs, "ben").lease_token == lost.lease_token + 1


def test_a_job_whose_last_lease_expired_is_dead(jobs: JobRepository) -> None:
    jobs.create("/a", max_attempts=1)
    job = claim(jobs)
    expire(jobs, job)
    assert len(jobs.rescue()) == 1
    dead = jobs.get(job.id)
    assert dead.status is JobStatus.DEAD
    assert dead.completed_at is not None


def test_a_lease_that_lasts_isnt_rescued(jobs: JobRepository) -> None:
    jobs.create("/a")
    job = claim(jobs)
    assert jobs.rescue() == ()
    assert jobs.get(job.id) == job


def test_a_job_that_was_set_running_isnt_rescued(jobs: JobRepository) -> None:
    job = jobs.set_status(jobs.create("/a").id, "running")
    assert jobs.rescue() == ()
    assert jobs.get(job.id) == job


def test_a_rescue_takes_the_earliest_so_many_at_most(jobs: JobRepository) -> None:
    for number in range(5):
        jobs.create(f"/{number}", priority=-number)
    held = jobs.claim("ada", limit=5)
    expire(jobs, *reversed(held))
    assert {job.file_path for job in jobs.rescue(limit=2)} == {"/4", "/3"}
    assert {job.file_path for job in jobs.list(status="queued")} == {"/4", "/3"}
    assert [len(jobs.rescue(limit=2)) for _ in range(3)] == [2, 1, 0]


ends: dict[str, Callable[[JobRepository, JobRecord], object]] = {
    "complete": lambda jobs, job: jobs.complete(job, output_path="/late"),
    "fail": lambda jobs, job: jobs.fail(job, "late", delay=AT_ONCE),
    "fail for good": lambda jobs, job: jobs.fail(job, "late", retry=False),
    "extend": lambda jobs, job: jobs.extend(job, lease=FAR),
    "release": lambda jobs, job: jobs.release(job),
}


@pytest.mark.parametrize("end", ends)
def test_a_lease_that_expired_stands_until_the_job_is_rescued(jobs: JobRepository, end: str) -> None:
    jobs.create("/a")
    late = claim(jobs)
    expire(jobs, late)
    ends[end](jobs, late)
    assert jobs.rescue() == ()


def rescued(jobs: JobRepository, job: JobRecord) -> None:
    expire(jobs, job)
    jobs.rescue()


def claimed_anew(jobs: JobRepository, job: JobRecord) -> None:
    rescued(jobs, job)
    claim(jobs, "ben")


def set_and_set_back(jobs: JobRepository, job: JobRecord) -> None:
    jobs.set_status(job.id, "queued")
    jobs.set_status(job.id, "running")


LOST: list[Callable[[JobRepository, JobRecord], object]] = [
    rescued,
    claimed_anew,
    set_and_set_back,
    lambda jobs, job: jobs.set_status(job.id, "failed"),
    lambda jobs, job: jobs.complete(job),
    lambda jobs, job: jobs.fail(job, "no", delay=AT_ONCE),
    lambda jobs, job: jobs.delete(job.id),
]


@pytest.mark.parametrize("lose", LOST)
def test_who_has_lost_a_job_can_neither_end_nor_extend_it(jobs: JobRepository, lose: Callable[..., Any]) -> None:
    jobs.create("/a")
    job = claim(jobs)
    lose(jobs, job)
    after = jobs.get_or_none(job.id)
    for end in ends.values():
        with pytest.raises(LeaseLost) as lost:
            end(jobs, job)
        assert (lost.value.job_id, lost.value.token) == (job.id, 1)
        assert repr(job.id) in str(lost.value)
    assert jobs.get_or_none(job.id) == after


@pytest.mark.parametrize("end", ends)
def test_a_job_that_was_set_running_is_nobodys_to_end(jobs: JobRepository, end: str) -> None:
    job = jobs.set_status(jobs.create("/a").id, "running")
    with pytest.raises(LeaseLost):
        ends[end](jobs, job)
    assert jobs.get(job.id) == job


BAD: list[tuple[str, Any, Callable[[JobRepository, JobRecord], object]]] = [
    ("worker", "", lambda jobs, job: jobs.claim("")),
    ("worker", "a\0", lambda jobs, job: jobs.claim("a\0")),
    ("lease", timedelta(0), lambda jobs, job: jobs.claim("ada", lease=timedelta(0))),
    ("lease", 5, lambda jobs, job: jobs.claim("ada", lease=5)),  # type: ignore[arg-type]  # refused
    ("lease", timedelta.max, lambda jobs, job: jobs.claim("ada", lease=timedelta.max)),
    ("lease", timedelta(-1), lambda jobs, job: jobs.extend(job, lease=timedelta(-1))),
    ("limit", 0, lambda jobs, job: jobs.claim("ada", limit=0)),
    ("limit", True, lambda jobs, job: jobs.claim("ada", limit=True)),
    ("limit", -1, lambda jobs, job: jobs.rescue(limit=-1)),
    ("delay", timedelta(-1), lambda jobs, job: jobs.release(job, delay=timedelta(-1))),
    ("delay", timedelta(-1), lambda jobs, job: jobs.fail(job, "no", delay=timedelta(-1))),
    ("error", None, lambda jobs, job: jobs.fail(job, None)),  # type: ignore[arg-type]  # refused
    ("stats", [1], lambda jobs, job: jobs.complete(job, stats=[1])),  # type: ignore[arg-type]  # refused
    ("output_path", "\0", lambda jobs, job: jobs.complete(job, output_path="\0")),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    jobs: JobRepository, field: str, value: object, work: Callable[..., Any]
) -> None:
    jobs.create("/a")
    held = claim(jobs)
    jobs.create("/b")
    before = jobs.list()
    with pytest.raises(ValueRefused) as refusal:
        work(jobs, held)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert jobs.list() == before
