"""What the plugin `wanted` hears of a file's jobs, when it is there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

import storeroom_jobs.plugin
from storeroom import Manifest, Storeroom, UnitOfWork, Work, hookimpl, hookspec
from storeroom_jobs import JobRepository
from tests.jobs.helpers import claim
from tests.support.rooms import PATIENT

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wanted() -> ModuleType:
    """A plugin that asks for the history of files."""
    made = ModuleType("wanted")

    class Specifications:
        @hookspec
        def wanted_history(self, uow: Work, file_path: str) -> None: ...

    @hookimpl
    def storeroom_manifest() -> Manifest:
        return Manifest(hookspecs=Specifications)

    vars(made).update(storeroom_manifest=storeroom_manifest)
    return made


@pytest.fixture
def uow(room: Storeroom, jobs_url: str) -> Iterator[UnitOfWork]:
    """A unit of work of a room with both plugins."""
    plugins = {"jobs": storeroom_jobs.plugin, "wanted": wanted()}
    with Storeroom.open(jobs_url, plugins=plugins, discover=False, settings=PATIENT) as both, both.write() as uow:
        yield uow


def history(uow: UnitOfWork, file_path: str) -> Sequence[Mapping[str, Any]]:
    outcome = uow.call("wanted_history", file_path=file_path)
    assert not outcome.errors
    told: Sequence[Mapping[str, Any]] = outcome.results["jobs"]
    return told


def test_jobs_are_created_and_end(uow: UnitOfWork) -> None:
    jobs = uow[JobRepository]
    ends = {
        "completed": {"output_path": "/a.de.ass"},
        "failed": {"error": "no network"},
        "dead": {"error": "no network again"},
    }
    made = []
    for hour, (status, result) in enumerate(ends.items()):
        times = {"created_at": START + 10 * hour * HOUR, "completed_at": START + (10 * hour + 1) * HOUR}
        made.append(jobs.add(file_path="/a", status=status, **times, **result))
    jobs.add(file_path="/b", status="completed")
    assert history(uow, "/a") == [
        {"at": made[2].completed_at, "event": "dead", "detail": "no network again"},
        {"at": made[2].created_at, "event": "created", "detail": made[2].id},
        {"at": made[1].completed_at, "event": "failed", "detail": "no network"},
        {"at": made[1].created_at, "event": "created", "detail": made[1].id},
        {"at": made[0].completed_at, "event": "completed", "detail": "/a.de.ass"},
        {"at": made[0].created_at, "event": "created", "detail": made[0].id},
    ]
    assert {type(event["event"]) for event in history(uow, "/a")} == {str}


def test_the_latest_event_comes_first_whichever_job_it_is_of(uow: UnitOfWork) -> None:
    jobs = uow[JobRepository]
    slow = jobs.add(file_path="/a", status="completed", created_at=START, completed_at=START + 2 * HOUR)
    quick = jobs.add(file_path="/a", status="failed", created_at=START + HOUR, completed_at=START + HOUR)
    assert [(event["event"], event["at"]) for event in history(uow, "/a")] == [
        ("completed", slow.completed_at),
        ("failed", quick.completed_at),
        ("created", quick.created_at),
        ("created", slow.created_at),
    ]


def test_a_job_that_is_still_to_be_done_has_no_end(uow: UnitOfWork) -> None:
    jobs = uow[JobRepository]
    jobs.create("/a")
    jobs.fail(claim(jobs), "no network")
    assert [event["event"] for event in history(uow, "/a")] == ["created"]


def test_an_end_whose_time_isnt_known_is_told_all_the_same(uow: UnitOfWork) -> None:
    uow[JobRepository].add(file_path="/a", status="completed", created_at=START)
    end, _created = history(uow, "/a")
    assert end == {"at": START, "event": "completed", "detail": ""}


def test_it_ends_with_the_newest_hundred_jobs_and_is_one_statement(uow: UnitOfWork) -> None:
    jobs = uow[JobRepository]
    jobs.add_many({"file_path": "/a", "created_at": START + number * HOUR} for number in range(103))
    before = uow.statements
    told = history(uow, "/a")
    assert uow.statements - before == 1
    assert [told[0]["at"], told[-1]["at"], len(told)] == [START + 102 * HOUR, START + 3 * HOUR, 100]
    assert history(uow, "/other") == []
