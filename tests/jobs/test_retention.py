"""Retention: finished jobs go when they are old enough, and nothing else."""

from datetime import timedelta

import pytest

from storeroom import Retention, Storeroom
from storeroom_jobs import JobRepository
from tests.jobs.helpers import backdate, run

FINISHED = ["completed", "failed", "dead"]
OLD, YOUNG = timedelta(days=91), timedelta(days=89)


@pytest.fixture
def filled(room: Storeroom) -> Storeroom:
    """A job of each status that is old, another that isn't quite, and statistics of a day long past."""
    with room.write() as uow:
        jobs = uow[JobRepository]
        for status in ("queued", "running", *FINISHED):
            for age in (OLD, YOUNG):
                job = jobs.set_status(jobs.create(f"/{status}/{age.days}").id, status)
                backdate(jobs, job, "created_at", age)
        jobs.record_result(success=True)
    return room


def retention(room: Storeroom) -> Retention:
    (only,) = room.registry.hooks.call("storeroom_prune").results["jobs"]
    assert isinstance(only, Retention)
    return only


def paths(room: Storeroom) -> set[str]:
    return run(room, lambda jobs: {job.file_path for job in jobs.list()})


def test_finished_jobs_are_kept_for_90_days_unless_an_operator_says_otherwise(room: Storeroom) -> None:
    kept = retention(room)
    assert (kept.name, kept.rows, kept.age) == ("jobs", "finished jobs", timedelta(days=90))


def test_old_finished_jobs_go_and_all_others_stay(filled: Storeroom) -> None:
    before = paths(filled)
    report = filled.prune()
    assert not report.errors
    assert [(each.name, each.count) for each in report.pruned] == [("jobs", 3)]
    assert before - paths(filled) == {f"/{status}/91" for status in FINISHED}
    assert run(filled, JobRepository.summary).translated == 1


def test_an_operator_can_keep_them_for_another_time(filled: Storeroom) -> None:
    filled.prune({"jobs": timedelta(days=30)})
    assert paths(filled) == {f"/{status}/{days}" for status in ("queued", "running") for days in (91, 89)}


def test_a_rehearsal_counts_what_would_go_and_deletes_nothing(filled: Storeroom) -> None:
    before = paths(filled)
    assert [each.count for each in filled.prune(dry_run=True).pruned] == [3]
    assert paths(filled) == before


def test_they_go_in_batches_the_oldest_first(room: Storeroom) -> None:
    kept = retention(room)
    with room.write() as uow:
        jobs = uow[JobRepository]
        for days in (100, 102, 101):
            backdate(jobs, jobs.set_status(jobs.create(f"/{days}").id, "failed"), "created_at", timedelta(days=days))
        limit = jobs.create("/now").created_at - timedelta(days=90)
        assert kept.count(uow, limit) == 3
        assert kept.prune(uow, limit, 2) == 2
        assert {job.file_path for job in jobs.list(status="failed")} == {"/100"}
        assert [kept.prune(uow, limit, 2) for _ in range(2)] == [1, 0]
