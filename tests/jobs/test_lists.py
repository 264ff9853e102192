"""Finding jobs, counting them, and letting them go."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_jobs import JobRecord, JobRepository
from tests.jobs.helpers import claim

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def made(jobs: JobRepository) -> list[JobRecord]:
    """Ten jobs, two a day, of each status two; the newest first."""
    statuses = ["queued", "running", "completed", "failed", "dead"]
    return [
        jobs.add(id=f"{9 - number:08x}", file_path=f"/{number}", status=statuses[number % 5], created_at=START - each)
        for number, each in enumerate(DAY * (number // 2) for number in range(10))
    ]


def test_pages_are_newest_first_by_status_or_of_all(jobs: JobRepository, made: list[JobRecord]) -> None:
    first = jobs.page(size=7)
    rest = jobs.page(size=7, after=first.next)
    assert [*first.items, *rest.items] == made
    assert rest.next is None
    page = jobs.page(status="failed", size=1)
    assert [*page.items, *jobs.page(status="failed", size=1, after=page.next).items] == [made[3], made[8]]


def test_lists_are_filtered_by_path_and_time(jobs: JobRepository, made: list[JobRecord]) -> None:
    assert list(jobs.list(path="/3")) == [made[3]]
    assert list(jobs.list(file_path="/3")) == [made[3]]
    assert list(jobs.list(file_path="3")) == []
    assert list(jobs.list(since=START - DAY, until=START)) == made[2:4]
    with pytest.raises(FieldUnknown):
        jobs.list(colour="red")
    with pytest.raises(ValueRefused) as refusal:
        jobs.list(status="done")
    assert (refusal.value.field, refusal.value.value) == ("status", "done")


def test_recent_jobs_are_the_newest(jobs: JobRepository, made: list[JobRecord]) -> None:
    assert jobs.recent() == tuple(made)
    assert jobs.recent(3) == tuple(made[:3])


def test_pending_jobs_are_queued_or_running(jobs: JobRepository, made: list[JobRecord]) -> None:
    assert jobs.count_pending() == 4
    assert jobs.count(status="dead") == 2


def completed(jobs: JobRepository, path: str, config_hash: str | None) -> JobRecord:
    jobs.create(path)
    return jobs.complete(claim(jobs), config_hash=config_hash)


def test_outdated_jobs_are_completed_with_another_configuration(jobs: JobRepository) -> None:
    old = [completed(jobs, f"/{config_hash}", config_hash) for config_hash in ("a", "c", "e")]
    completed(jobs, "/now", "d")
    completed(jobs, "/unknown", None)
    jobs.set_status(jobs.create("/failed").id, "failed", config_hash="a")
    assert {job.id for job in jobs.outdated("d")} == {job.id for job in old}
    newest_first = sorted(old, key=lambda job: (job.created_at, job.id), reverse=True)
    assert jobs.outdated("d") == tuple(newest_first)
    assert jobs.outdated("d", limit=2) == tuple(newest_first[:2])
    assert (jobs.count_outdated("d"), jobs.count_outdated("a"), jobs.count_outdated("zz")) == (3, 3, 4)


def test_a_deleted_job_is_gone(jobs: JobRepository) -> None:
    job = jobs.create("/a")
    assert jobs.delete(job.id)
    assert not jobs.delete(job.id)
    assert jobs.get_or_none(job.id) is None


def test_pruning_takes_old_finished_jobs_in_batches(jobs: JobRepository, made: list[JobRecord]) -> None:
    assert jobs.prune(START - DAY, limit=2) == 2
    assert {job.file_path for job in made} - {job.file_path for job in jobs.list()} == {"/9", "/8"}
    assert [jobs.prune(START - DAY, limit=2) for _ in range(2)] == [2, 0]
    assert {job.file_path for job in jobs.list()} == {"/0", "/1", "/2", "/3", "/5", "/6"}


def test_pruning_takes_a_chosen_status_only(jobs: JobRepository, made: list[JobRecord]) -> None:
    assert jobs.prune(START + DAY, status="failed") == 2
    assert jobs.count(status="failed") == 0
    assert jobs.count() == 8


BAD: list[tuple[str, object, Callable[[JobRepository], object]]] = [
    ("limit", 0, lambda jobs: jobs.recent(0)),
    ("limit", 0, lambda jobs: jobs.outdated("a", limit=0)),
    ("config_hash", 1, lambda jobs: jobs.outdated(1)),  # type: ignore[arg-type]  # refused
    ("config_hash", "\0", lambda jobs: jobs.count_outdated("\0")),
    ("limit", 0, lambda jobs: jobs.prune(START, limit=0)),
    ("status", "queued", lambda jobs: jobs.prune(START, status="queued")),
    ("status", None, lambda jobs: jobs.prune(START, status=None)),
    ("status", 5, lambda jobs: jobs.prune(START, status=5)),
    ("status", "running", lambda jobs: jobs.prune(START, status=["failed", "running"])),
    ("before", START.replace(tzinfo=None), lambda jobs: jobs.prune(START.replace(tzinfo=None))),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    jobs: JobRepository, made: list[JobRecord], field: str, value: object, work: Callable[[JobRepository], object]
) -> None:
    with pytest.raises(ValueRefused) as refusal:
        work(jobs)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert jobs.count() == len(made)
