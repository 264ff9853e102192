"""Taking over what Sublarr wrote: its jobs and its daily statistics."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from storeroom.adoption import (
    Mended,
    TableAdoption,
    choice,
    computed,
    counters,
    day,
    document,
    flag,
    moment,
    text,
    whole,
)
from storeroom_jobs.daily import COUNTERS, COUNTS
from storeroom_jobs.models import Day, Job
from storeroom_jobs.states import PENDING, JobStatus

_COMPLETED_AT = moment("completed_at")


def _completed_at(status: object, completed_at: object) -> datetime | Mended | None:
    """Return the time at which a job ended: none where it isn't known, none for a job that is still to be done."""
    if completed_at is None or completed_at == "":
        return None
    if status in PENDING:
        return Mended(None, f"the job is {status}, so that it can't have ended at {completed_at!r}")
    ended: datetime = _COMPLETED_AT.read(completed_at)
    return ended


def _attempts(status: object) -> int:
    """Return how often a job was tried: Sublarr tried each once."""
    return 0 if status == JobStatus.QUEUED else 1


def _both(here: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the statistics of a day on which both systems counted."""
    counts = {name: here[name] + other[name] for name in COUNTS}
    return {**counts, **{name: _sum(here[name], other[name]) for name in COUNTERS}}


def _sum(here: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    total = Counter(here)
    total.update(other)  # which keeps a zero, where `+` drops it
    return dict(total)


SUBLARR: Sequence[TableAdoption] = [
    TableAdoption(
        table="jobs",
        model=Job,
        key=["id"],
        identity=["id"],
        fields={
            "id": text("id", required=True),
            "file_path": text("file_path", default="unknown"),
            # Nobody does a job any more that was running there. One in a state that we can't tell isn't done by itself.
            "status": choice("status", JobStatus, default=JobStatus.FAILED, becomes={"running": JobStatus.QUEUED}),
            "force": flag("force"),
            "context": document("bazarr_context_json", kind=dict),
            "source_format": text("source_format"),
            "output_path": text("output_path"),
            "stats": document("stats_json", kind=dict, default=dict),
            "error": text("error"),
            "config_hash": text("config_hash"),
            "created_at": moment("created_at"),
            "completed_at": computed(_completed_at, "status", "completed_at"),
            "run_at": moment("created_at"),
            "attempts": computed(_attempts, "status"),
        },
    ),
    TableAdoption(
        table="daily_stats",
        model=Day,
        key=["date"],
        unique=["date"],
        combine=_both,
        fields={
            "date": day("date", required=True),
            "translated": whole("translated", default=0),
            "skipped": whole("skipped", default=0),
            "failed": whole("failed", default=0),
            "by_format": counters("by_format_json"),
            "by_source": counters("by_source_json"),
        },
    ),
]
