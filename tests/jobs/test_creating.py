"""New jobs: what they start with, what is refused, and one job a unique key."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from storeroom.errors import ValueRefused
from storeroom_jobs import JobRecord, JobRepository, JobStatus
from tests.jobs.helpers import claim

PATH = "/media/Show/S01E01.mkv"


def test_a_new_job_is_queued_and_may_run_at_once(jobs: JobRepository) -> None:
    job = jobs.create(PATH)
    assert job == JobRecord(
        id=job.id,
        file_path=PATH,
        status=JobStatus.QUEUED,
        force=False,
        context=None,
        source_format=None,
        output_path=None,
        stats={},
        error=None,
        config_hash=None,
        created_at=job.created_at,
        completed_at=None,
        priority=0,
        run_at=job.created_at,
        attempts=0,
        max_attempts=5,
        unique_key=None,
        worker=None,
        lease_token=0,
        lease_expires_at=None,
        started_at=None,
    )
    assert type(job.status) is JobStatus
    assert jobs.get(job.id) == job


def test_its_times_are_the_databases(jobs: JobRepository) -> None:
    job = jobs.create(PATH)
    assert abs(job.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert job.created_at.tzinfo is not None


def test_ids_sort_in_the_order_of_creation(jobs: JobRepository) -> None:
    made = [jobs.create(f"/{number}").id for number in range(20)]
    assert made == sorted(made)
    assert {len(each) for each in made} == {36}


def test_a_job_is_created_with_all_that_it_may_have(jobs: JobRepository) -> None:
    later = datetime(2099, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    context = {"series": {"id": 7, "titles": ["Ä", "b"]}, "x": None}
    job = jobs.create(PATH, force=True, context=context, priority=9, run_at=later, max_attempts=1, unique_key="k")
    assert (job.force, job.context, job.priority, job.run_at) == (True, context, 9, later)
    assert (job.max_attempts, job.unique_key) == (1, "k")


def unlike(count: int) -> str:
    """So many characters of four bytes each, which don't compress."""
    numbers = Random(0)
    return "".join(chr(numbers.randrange(0x10000, 0x10FFFF)) for _ in range(count))


def test_paths_keys_and_hashes_may_be_as_long_as_they_are_allowed_to_be(jobs: JobRepository) -> None:
    path, key, config_hash = unlike(4000), unlike(600), unlike(600)
    job = jobs.create(path, unique_key=key)
    assert jobs.create_unique(path, key) == (job, False)
    assert jobs.set_status(job.id, "completed", config_hash=config_hash).config_hash == config_hash
    assert [each.id for each in jobs.list(file_path=path)] == [job.id]


@pytest.mark.parametrize("key", ["1a2b3c4d", "x", "ä" * 64])
def test_ids_of_other_kinds_are_valid(jobs: JobRepository, key: str) -> None:
    assert jobs.add(id=key, file_path=PATH).id == key
    assert claim(jobs).id == key


BAD: dict[str, tuple[str, Any, Callable[[JobRepository], object]]] = {
    "an empty path": ("file_path", "", lambda jobs: jobs.create("")),
    "no path": ("file_path", None, lambda jobs: jobs.create(None)),  # type: ignore[arg-type]  # refused
    "a NUL in a path": ("file_path", "a\0b", lambda jobs: jobs.create("a\0b")),
    "half a surrogate pair": ("file_path", "\ud800", lambda jobs: jobs.create("\ud800")),
    "a force like true": ("force", 1, lambda jobs: jobs.create(PATH, force=1)),  # type: ignore[arg-type]  # refused
    "a context that isn't JSON": ("context", {"x": {1}}, lambda jobs: jobs.create(PATH, context={"x": {1}})),
    "a context that isn't an object": (
        "context",
        [1],
        lambda jobs: jobs.create(PATH, context=[1]),  # type: ignore[arg-type]  # refused
    ),
    "a priority that is text": (
        "priority",
        "high",
        lambda jobs: jobs.create(PATH, priority="high"),  # type: ignore[arg-type]  # refused
    ),
    "a priority beyond 32 bits": ("priority", 1 << 31, lambda jobs: jobs.create(PATH, priority=1 << 31)),
    "a naive time": (
        "run_at",
        datetime(2026, 1, 1),  # that is the point
        lambda jobs: jobs.create(PATH, run_at=datetime(2026, 1, 1)),  # that is the point
    ),
    "no attempts": ("max_attempts", 0, lambda jobs: jobs.create(PATH, max_attempts=0)),
    "attempts without end": ("max_attempts", 1 << 31, lambda jobs: jobs.create(PATH, max_attempts=1 << 31)),
    "an empty unique key": ("unique_key", "", lambda jobs: jobs.create(PATH, unique_key="")),
    "a unique key that no index takes": ("unique_key", "ä" * 601, lambda jobs: jobs.create(PATH, unique_key="ä" * 601)),
    "a NUL in a unique key": ("unique_key", "\0", lambda jobs: jobs.create_unique(PATH, "\0")),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cant_be_a_job_is_refused_by_field_and_value_and_leaves_nothing(jobs: JobRepository, what: str) -> None:
    field, value, create = BAD[what]
    with pytest.raises(ValueRefused) as refusal:
        create(jobs)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert str(refusal.value).startswith(f"{field}: ")
    assert jobs.count() == 0


def test_a_unique_key_has_one_pending_job(jobs: JobRepository) -> None:
    first = jobs.create_unique(PATH, "k", priority=1)
    again = jobs.create_unique("/other", "k", priority=2)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.job == again.job == jobs.create("/third", unique_key="k")
    assert jobs.count() == 1


def test_a_running_job_holds_its_unique_key(jobs: JobRepository) -> None:
    jobs.create(PATH, unique_key="k")
    running = claim(jobs)
    assert jobs.create_unique(PATH, "k") == (running, False)


@pytest.mark.parametrize("status", ["completed", "failed", "dead"])
def test_a_finished_job_gives_its_unique_key_back(jobs: JobRepository, status: str) -> None:
    jobs.set_status(jobs.create(PATH, unique_key="k").id, status)
    assert jobs.create_unique(PATH, "k").is_new
    assert jobs.count() == 2


def test_jobs_without_a_unique_key_dont_meet(jobs: JobRepository) -> None:
    assert jobs.create(PATH).id != jobs.create(PATH).id
