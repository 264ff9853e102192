"""What the plugin's README says is true: its code runs, its worker does what is promised, its tables are complete."""

import inspect
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import update

from storeroom import Statement, Storeroom
from storeroom.sql import now
from storeroom.testing.processes import context
from storeroom_jobs import JobRecord, JobRepository, JobStatus, LeaseLost
from tests.docs.snippets import ROOT, links
from tests.jobs import readme
from tests.jobs.helpers import DEADLINE, claim, expire, run, table

JOBS, RAISING, WORKERS = 60, 6, 4
SHORT, LONG = timedelta(seconds=0.5), timedelta(minutes=5)

HURRY = Statement(update(table).where(table.c.status == "queued", table.c.attempts > 0).values(run_at=now()))


def hurry(jobs: JobRepository) -> None:
    """Let the pause after a failure be over."""
    HURRY.affected(jobs.uow)


@pytest.fixture
def page(jobs_url: str) -> dict[str, Any]:
    """What the page's worker is made of."""
    return readme.worker(jobs_url)


def test_the_page_runs_as_one_program(room: Storeroom, jobs_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in readme.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {}
    for block in readme.program(jobs_url):
        exec(compile(block, readme.PAGE, "exec"), names)
    assert run(room, JobRepository.count) == 5


class Workers(NamedTuple):
    """Processes that run the page's worker, and what they share with the test."""

    processes: list[BaseProcess]
    signals: readme.Signals

    def tell(self) -> None:
        """Tell those that live to stop."""
        for process in self.processes:
            if process.exitcode is None:
                process.terminate()

    def exit_codes(self) -> list[int | None]:
        for process in self.processes:
            process.join(DEADLINE)
        return [process.exitcode for process in self.processes]


@contextmanager
def workers(count: int, url: str, lease: timedelta, folder: Path) -> Iterator[Workers]:
    """So many processes, which have all come to the loop before one of them claims."""
    signals = readme.Signals(together=context.Barrier(count + 1), begun=context.Event(), go_on=context.Event())
    arguments = (url, lease, folder, signals)
    processes: list[BaseProcess] = [context.Process(target=readme.serve, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        signals.together.wait(60)
        yield Workers(processes, signals)
    finally:
        for process in processes:
            process.kill()
            process.join()


def pending(room: Storeroom) -> int:
    with room.read() as uow:
        return uow[JobRepository].count_pending()


def await_end(room: Storeroom, processes: list[BaseProcess]) -> None:
    """Wait until no job is pending; let pauses after failures be over at once."""
    until = time.monotonic() + DEADLINE
    while pending(room):
        run(room, hurry)
        living = [process.sentinel for process in processes if process.exitcode is None]
        assert living
        assert time.monotonic() < until
        wait(living, 0.02)


@pytest.mark.dear
def test_its_workers_do_every_job_though_some_fail_and_one_kills_its_process(
    room: Storeroom, jobs_url: str, tmp_path: Path
) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        troubles = {0: "kills", **dict.fromkeys(range(1, 1 + RAISING), "raises")}
        made = [jobs.create(f"/{number}", context={"trouble": troubles.get(number)}) for number in range(JOBS)]
    with workers(WORKERS, jobs_url, SHORT, tmp_path) as running:
        await_end(room, running.processes)
        running.tell()
        codes = running.exit_codes()
    assert sorted(codes, key=str) == [-signal.SIGKILL, *[0] * (WORKERS - 1)]
    with room.read() as uow:
        ended = {job.id: job for job in uow[JobRepository].list()}
        summary = uow[JobRepository].summary()
    assert {(job.status, job.error) for job in ended.values()} == {(JobStatus.COMPLETED, None)}
    assert [ended[job.id].output_path for job in made] == [f"{job.file_path}.ass" for job in made]
    assert (summary.translated, summary.skipped, summary.failed) == (JOBS, 0, 0)
    assert summary.by_format == {"ass": JOBS}
    by = {job.file_path: (tmp_path / job.id).read_text().split() for job in made}
    assert len(by) == len(list(tmp_path.iterdir())) == JOBS
    assert all(len(by[f"/{number}"]) >= 2 for number in troubles)
    killed = running.processes[codes.index(-signal.SIGKILL)].pid
    first, *others = by["/0"]
    assert first == str(killed)
    assert str(killed) not in others


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_finishes_its_job_and_takes_no_other(
    room: Storeroom, jobs_url: str, tmp_path: Path, told: signal.Signals
) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        held = jobs.create("/held", priority=1, context={"trouble": "waits"})
        other = jobs.create("/other")
    with workers(1, jobs_url, LONG, tmp_path) as running:
        assert running.signals.begun.wait(60)
        (process,) = running.processes
        assert process.pid is not None
        os.kill(process.pid, told)
        running.signals.go_on.set()
        assert running.exit_codes() == [0]
    assert run(room, lambda jobs: jobs.get(held.id)).status is JobStatus.COMPLETED
    assert run(room, lambda jobs: jobs.get(other.id)) == other


def result(_job: JobRecord) -> dict[str, Any]:
    return {"output_path": "/o", "source_format": "ass"}


def trouble(_job: JobRecord) -> dict[str, Any]:
    raise OSError("no network")


def test_its_rescue_doesnt_wait_for_an_empty_queue(room: Storeroom, page: dict[str, Any]) -> None:
    with room.write() as uow:
        jobs = uow[JobRepository]
        jobs.create("/lost", priority=1)
        expire(jobs, claim(jobs, "ada"))
        jobs.create("/waiting")
    done: list[JobRecord] = []

    def note(job: JobRecord) -> dict[str, Any]:
        done.append(job)
        return result(job)

    page["work"](room, "ben", note, lambda: bool(done))
    assert [job.file_path for job in done] == ["/lost"]
    assert run(room, JobRepository.count_pending) == 1


def test_its_failures_are_counted_when_they_arent_tried_again(room: Storeroom, page: dict[str, Any]) -> None:
    made = run(room, lambda jobs: jobs.create("/a", max_attempts=2))
    for status, failed in ((JobStatus.QUEUED, 0), (JobStatus.DEAD, 1)):
        page["do"](room, run(room, claim), trouble)
        job = run(room, lambda jobs: jobs.get(made.id))
        assert (job.status, job.error) == (status, "OSError('no network')")
        assert run(room, JobRepository.summary).failed == failed
        run(room, hurry)


@pytest.mark.parametrize("outcome", [result, trouble])
def test_it_drops_a_job_that_it_lost_and_counts_nothing(
    room: Storeroom, page: dict[str, Any], outcome: Callable[[JobRecord], dict[str, Any]]
) -> None:
    run(room, lambda jobs: jobs.create("/a"))
    taken: list[JobRecord] = []

    def lose(job: JobRecord) -> dict[str, Any]:
        taken.append(run(room, lambda jobs: jobs.set_status(job.id, "queued")))
        return outcome(job)

    page["do"](room, run(room, claim), lose)
    assert run(room, lambda jobs: jobs.get(taken[0].id)) == taken[0]
    assert run(room, JobRepository.daily_statistics) == ()


def test_its_heartbeat_extends_the_lease_after_a_third_and_not_before(room: Storeroom, page: dict[str, Any]) -> None:
    run(room, lambda jobs: jobs.create("/a"))
    job = run(room, claim)
    page["translate_film"](room, job)
    assert run(room, lambda jobs: jobs.get(job.id)) == job
    page["LEASE"] = timedelta(milliseconds=30)
    until = time.monotonic() + DEADLINE
    beat = page["heartbeat"](room, job)
    while run(room, lambda jobs: jobs.get(job.id)) == job:
        beat()
        assert time.monotonic() < until
    extended = run(room, lambda jobs: jobs.get(job.id))
    assert extended.model_copy(update={"lease_expires_at": job.lease_expires_at}) == job


def test_long_work_ends_when_it_has_lost_its_job(room: Storeroom, page: dict[str, Any]) -> None:
    run(room, lambda jobs: jobs.create("/a"))
    job = run(room, claim)
    lost = run(room, lambda jobs: jobs.set_status(job.id, "queued"))
    page["LEASE"] = timedelta(milliseconds=30)
    until = time.monotonic() + DEADLINE

    def beating(job: JobRecord) -> dict[str, Any]:
        beat = page["heartbeat"](room, job)
        while time.monotonic() < until:
            beat()
        return result(job)

    with pytest.raises(LeaseLost):
        beating(job)
    page["do"](room, job, beating)
    assert time.monotonic() < until
    assert run(room, lambda jobs: jobs.get(job.id)) == lost


def own_verbs() -> dict[str, str]:
    """The public verbs that the plugin defines, each with its docstring."""
    return {
        name: inspect.getdoc(value) or ""
        for each in JobRepository.__mro__
        if each.__module__.startswith("storeroom_jobs")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_every_verb_is_in_the_table_with_its_number_of_statements() -> None:
    rows = readme.table("All verbs")
    assert rows.keys() == own_verbs().keys()
    for name, documented in own_verbs().items():
        one = re.search(r"\bone statement\b[^;]*\.", documented, re.IGNORECASE)
        assert (rows[name][-1] == "1") == (name != "requeue") == (one is not None and "else two" not in documented)


def test_every_parameter_in_the_table_is_one() -> None:
    text = (ROOT / readme.PAGE).read_text(encoding="utf-8").partition("\n## All verbs\n")[2]
    calls = re.findall(r"^\| `(\w+)\((.*?)\)`", text, re.MULTILINE)
    assert len(calls) == len(own_verbs())
    for name, listed in calls:
        given = [each.rstrip("=") for each in listed.split(", ") if each not in ("", "…")]
        known = set(inspect.signature(getattr(JobRepository, name)).parameters) | set(JobRepository.filters)
        assert [each for each in given if each not in known] == []


def test_every_state_is_in_the_table() -> None:
    assert list(readme.table("States")) == list(JobStatus)


def test_every_error_and_every_exported_function_is_named() -> None:
    text = (ROOT / readme.PAGE).read_text(encoding="utf-8")
    assert [name for name in ("LeaseLost", "RequeueRefused", "backoff") if f"`{name}`" not in text] == []


def test_links_lead_somewhere() -> None:
    targets = links(readme.PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / readme.PAGE).parent / target).exists()] == []
