"""Taking over Sublarr's jobs and daily statistics: real rows of one of its files, and what other files may have."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.adoption import Mended, TableAdoption
from storeroom_jobs import DayRecord, JobRecord, JobRepository, JobStatus
from tests.jobs.helpers import run
from tests.jobs.legacy import DAYS, JOBS, NIEHIME, ROWS, SCHEMA, Row, write
from tests.support.rooms import PATIENT


@pytest.fixture
def adoptions(open_room: Storeroom) -> Mapping[str, TableAdoption]:
    """What the plugin takes over from Sublarr, by table."""
    outcome = open_room.registry.hooks.call("storeroom_adopt", system="sublarr")
    return {each.table: each for each in outcome.results["jobs"]}


def read(adoption: TableAdoption, row: Row) -> tuple[dict[str, Any], dict[str, str]]:
    """The values that a row gives, and what there is to be told of them, by field."""
    values: dict[str, Any] = {}
    told: dict[str, str] = {}
    for name, field in adoption.fields.items():
        values[name] = field.fallback()
        given = [row.get(source) for source in field.sources]
        if field.may_lack or any(each not in (None, "") for each in given):
            try:
                value = field.read(*given)
            except ValueError as error:
                told[name] = str(error)
                continue
            if isinstance(value, Mended):
                told[name], value = value.cause, value.value
            values[name] = value
    return values, told


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_other_systems_are_none_of_its_business(open_room: Storeroom) -> None:
    assert open_room.registry.hooks.call("storeroom_adopt", system="bazarr").results == {"jobs": []}


@pytest.mark.parametrize("table", ROWS)
def test_every_column_of_a_table_is_read(adoptions: Mapping[str, TableAdoption], table: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    adoption = adoptions[table]
    assert {source for field in adoption.fields.values() for source in field.sources} | {*adoption.left} == columns
    assert {*adoption.key} <= columns
    assert all({*row} == columns for row in ROWS[table].values())


FOUND: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "completed": (
        {
            "status": JobStatus.COMPLETED,
            "source_format": "srt",
            "output_path": f"{NIEHIME}.de.srt",
            "stats": {"format": "srt", "lines": 197, "config_hash": "c81e728d9d4c"},
            "context": {"series": "x", "tags": ["a", "ü"]},
            "config_hash": "c81e728d9d4c",
            "completed_at": utc("2025-12-20T20:40:54"),
            "attempts": 1,
        },
        [],
    ),
    "queued": ({"status": JobStatus.QUEUED, "completed_at": None, "attempts": 0, "stats": {}, "context": None}, []),
    "running": ({"status": JobStatus.QUEUED, "completed_at": None, "attempts": 1}, ["status"]),
    "failed": (
        {
            "status": JobStatus.FAILED,
            "error": "Ollama: connection refused",
            "force": True,
            "completed_at": utc("2026-01-10T01:09:14"),
            "attempts": 1,
        },
        [],
    ),
    "broken": ({"status": JobStatus.COMPLETED, "stats": {}}, ["stats"]),
}


@pytest.mark.parametrize("what", JOBS)
def test_a_real_job_is_read_and_fits_the_table(
    adoptions: Mapping[str, TableAdoption], jobs: JobRepository, what: str
) -> None:
    row, (expected, problems) = JOBS[what], FOUND[what]
    values, told = read(adoptions["jobs"], row)
    assert [*told] == problems
    job = jobs.add(**values)
    assert (job.id, job.file_path) == (row["id"], row["file_path"])
    assert job.created_at == job.run_at == utc(row["created_at"])
    assert {name: getattr(job, name) for name in expected} == expected
    assert (job.started_at, job.unique_key, job.max_attempts, job.lease_token) == (None, None, 5, 0)


def test_what_isnt_as_it_was_is_told(adoptions: Mapping[str, TableAdoption]) -> None:
    assert read(adoptions["jobs"], JOBS["running"])[1] == {"status": "'running' becomes 'queued'"}
    assert read(adoptions["jobs"], JOBS["broken"])[1] == {"stats": "'{broken' isn't JSON"}


OTHER: list[tuple[Row, dict[str, Any], list[str]]] = [
    ({"status": "completed", "completed_at": ""}, {"status": "completed", "completed_at": None, "attempts": 1}, []),
    ({"status": "failed", "completed_at": None}, {"status": "failed", "completed_at": None, "attempts": 1}, []),
    ({"status": "failed", "completed_at": "soon"}, {"completed_at": None}, ["completed_at"]),
    ({"status": "queued", "completed_at": "2026-01-01T00:00:00"}, {"completed_at": None}, ["completed_at"]),
    ({"status": "running", "completed_at": "2026-01-01T00:00:00"}, {"completed_at": None}, ["status", "completed_at"]),
    ({"status": "cancelled"}, {"status": "failed", "attempts": 1}, ["status"]),
    ({"bazarr_context_json": "[1]"}, {"context": None}, ["context"]),
    ({"bazarr_context_json": "{"}, {"context": None}, ["context"]),
    ({"stats_json": None}, {"stats": {}}, []),
    ({"stats_json": "7"}, {"stats": {}}, ["stats"]),
    ({"created_at": "2026-01-01 10:00:00.5+02:00"}, {"created_at": datetime(2026, 1, 1, 8, 0, 0, 500_000, UTC)}, []),
]


@pytest.mark.parametrize(("change", "expected", "problems"), OTHER)
def test_a_job_of_another_file_is_read_without_inventing_anything(
    adoptions: Mapping[str, TableAdoption], change: Row, expected: dict[str, Any], problems: list[str]
) -> None:
    values, told = read(adoptions["jobs"], {**JOBS["queued"], **change})
    assert {name: values[name] for name in expected} == expected
    assert [*told] == problems


def test_a_real_day_is_read_with_its_zeros(adoptions: Mapping[str, TableAdoption]) -> None:
    values, told = read(adoptions["daily_stats"], DAYS["2026-01-17"])
    assert values == {
        "date": date(2026, 1, 17),
        "translated": 8,
        "skipped": 4,
        "failed": 5,
        "by_format": {"ass": 6, "srt": 2},
        "by_source": {"embedded_ass": 16, "external_srt": 0},
    }
    assert told == {}


def test_a_day_with_nothing_or_nonsense_in_it_counts_zero(adoptions: Mapping[str, TableAdoption]) -> None:
    row = {"date": "2026-01-01", "translated": None, "skipped": "many", "failed": "3"}
    values, told = read(
        adoptions["daily_stats"], {**row, "by_format_json": "{", "by_source_json": '{"a": 1, "b": "x"}'}
    )
    assert (values["translated"], values["skipped"], values["failed"]) == (0, 0, 3)
    assert (values["by_format"], values["by_source"]) == ({}, {"a": 1})
    assert sorted(told) == ["by_format", "by_source", "skipped"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of Sublarr's with the real rows."""
    path = tmp_path / "sublarr.db"
    write(path)
    return path


@pytest.fixture
def new_room(url: str) -> Iterator[Storeroom]:
    """A room that has never adopted anything."""
    with Storeroom.open(url, allow=["jobs"], upgrade=True, settings=PATIENT) as room:
        yield room


def all_days(room: Storeroom) -> Mapping[date, DayRecord]:
    return run(room, lambda jobs: {day.date: day for day in jobs.daily_statistics(36_500)})


def test_a_file_is_adopted_once_and_its_jobs_can_be_worked_on(new_room: Storeroom, file: Path) -> None:
    report = new_room.adopt("sublarr", file)
    assert [(each.table, each.read, each.written, each.left_out) for each in report.tables] == [
        ("jobs", len(JOBS), len(JOBS), 0),
        ("daily_stats", len(DAYS), len(DAYS), 0),
    ]
    notes = [(note.key, note.cause.partition(":")[0]) for each in report.tables for note in each.notes]
    assert sorted(notes) == sorted([(JOBS["running"]["id"], "status"), (JOBS["broken"]["id"], "stats")])

    def work(jobs: JobRepository) -> list[JobRecord]:
        return [jobs.complete(job) for job in jobs.claim("ada", limit=9)]

    assert [job.id for job in run(new_room, work)] == [JOBS["queued"]["id"], JOBS["running"]["id"]]
    assert run(new_room, lambda jobs: jobs.requeue(JOBS["failed"]["id"])).status is JobStatus.QUEUED
    assert run(new_room, lambda jobs: jobs.count_outdated("another")) == 1
    days = all_days(new_room)
    again = new_room.adopt("sublarr", file)
    assert [(each.known, each.written) for each in again.tables] == [(len(JOBS), 0), (len(DAYS), 0)]
    assert run(new_room, lambda jobs: jobs.count(status="completed")) == 4
    assert all_days(new_room) == days


def test_a_day_that_both_counted_has_the_sum(new_room: Storeroom, file: Path) -> None:
    with new_room.write() as uow:
        uow[JobRepository].record_result(success=True, format="ass", source="provider")
    ((today, here),) = all_days(new_room).items()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE daily_stats SET date = ? WHERE date = '2026-01-17'", (today.isoformat(),))
    report = {each.table: each for each in new_room.adopt("sublarr", file).tables}
    assert (report["daily_stats"].merged, report["daily_stats"].written) == (1, 1)
    assert all_days(new_room)[today] == here.model_copy(
        update={
            "translated": 9,
            "skipped": 4,
            "failed": 5,
            "by_format": {"ass": 7, "srt": 2},
            "by_source": {"embedded_ass": 16, "external_srt": 0, "provider": 1},
        }
    )
