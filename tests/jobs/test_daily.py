"""Daily statistics: what a result counts as, and how days add up."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Table, insert

from storeroom import Statement
from storeroom.errors import ValueRefused
from storeroom_jobs import DayRecord, JobRepository, Summary
from storeroom_jobs.models import Day

INSERT = Statement(insert(cast("Table", Day.__table__)))


def on(jobs: JobRepository, day: date, translated: int, **formats: int) -> None:
    """Write the statistics of another day."""
    INSERT.affected(jobs.uow, date=day, translated=translated, skipped=1, failed=2, by_format=formats)


def the_day(jobs: JobRepository) -> date:
    """The database's day, which may be another one than at the start of the test."""
    (day,) = jobs.daily_statistics(1)
    return day.date


def test_a_result_is_translated_skipped_or_failed(jobs: JobRepository) -> None:
    jobs.record_result(success=True, format="ass", source="embedded")
    jobs.record_result(success=True, format="srt", source="embedded")
    jobs.record_result(success=True, format=None, source="")
    jobs.record_result(success=True, skipped=True, format="ass", source="x")
    jobs.record_result(success=False, skipped=True, format="ass", source="x")
    jobs.record_result(success=False)
    (day,) = jobs.daily_statistics()
    assert day == DayRecord(
        date=day.date, translated=3, skipped=1, failed=2, by_format={"ass": 1, "srt": 1}, by_source={"embedded": 2}
    )
    assert abs(day.date - datetime.now(UTC).date()) <= timedelta(days=1)


@pytest.mark.parametrize("name", ['a"b', "$.x", "0", "Ä, ß", "a.b[0]", " "])
def test_any_name_of_a_format_or_source_is_counted(jobs: JobRepository, name: str) -> None:
    for _ in range(2):
        jobs.record_result(success=True, format=name, source=name)
    (day,) = jobs.daily_statistics()
    assert day.by_format == day.by_source == {name: 2}


def test_the_last_days_are_newest_first_with_today_among_them(jobs: JobRepository) -> None:
    jobs.record_result(success=True)
    today = the_day(jobs)
    for ago in (1, 2, 5, 6):
        on(jobs, today - timedelta(days=ago), translated=ago)
    assert [today - day.date for day in jobs.daily_statistics(6)] == [timedelta(days=ago) for ago in (0, 1, 2, 5)]
    assert len(jobs.daily_statistics()) == 5


def test_the_summary_adds_all_days_up(jobs: JobRepository) -> None:
    jobs.record_result(success=True, format="ass", source="embedded")
    today = the_day(jobs)
    on(jobs, today - timedelta(days=1), translated=10, ass=4, srt=6)
    on(jobs, today - timedelta(days=400), translated=5, srt=5)
    assert jobs.summary() == Summary(
        translated=16,
        skipped=2,
        failed=4,
        translated_today=1,
        skipped_today=0,
        failed_today=0,
        by_format={"ass": 5, "srt": 11},
        by_source={"embedded": 1},
    )


def test_without_results_there_is_nothing_to_add_up(jobs: JobRepository) -> None:
    assert jobs.daily_statistics() == ()
    summary = jobs.summary()
    assert (summary.translated, summary.failed_today, summary.by_format, summary.by_source) == (0, 0, {}, {})


BAD: list[tuple[str, object, Callable[[JobRepository], object]]] = [
    ("format", "a\0", lambda jobs: jobs.record_result(success=True, format="a\0")),
    ("source", "\udcff", lambda jobs: jobs.record_result(success=True, source="\udcff")),
    ("format", 0, lambda jobs: jobs.record_result(success=True, format=0)),  # type: ignore[arg-type]  # refused
    ("source", 5, lambda jobs: jobs.record_result(success=False, source=5)),  # type: ignore[arg-type]  # refused
    ("days", 0, lambda jobs: jobs.daily_statistics(0)),
    ("days", 36_501, lambda jobs: jobs.daily_statistics(36_501)),
    ("days", 1.5, lambda jobs: jobs.daily_statistics(1.5)),  # type: ignore[arg-type]  # refused
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    jobs: JobRepository, field: str, value: object, work: Callable[[JobRepository], object]
) -> None:
    with pytest.raises(ValueRefused) as refusal:
        work(jobs)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert jobs.daily_statistics() == ()
