"""What the verbs return."""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from storeroom import AnyOf, Record
from storeroom_jobs.states import JobStatus


class JobRecord(Record):
    """A job. Text that isn't there is None; times are in UTC.

    `worker` is who has it, or had it last. `lease_token` grows each time that the job is claimed, or `set_status`
    changes its status; the record that `claim` returned proves by it that its holder still has the job.
    """

    id: str
    file_path: str
    status: JobStatus
    force: bool
    context: dict[str, Any] | None
    source_format: str | None
    output_path: str | None
    stats: dict[str, Any]
    error: str | None
    config_hash: str | None
    created_at: datetime.datetime
    completed_at: datetime.datetime | None
    priority: int
    run_at: datetime.datetime
    attempts: int
    max_attempts: int
    unique_key: str | None
    worker: str | None
    lease_token: int
    lease_expires_at: datetime.datetime | None
    started_at: datetime.datetime | None


class JobFilters(TypedDict, total=False):
    """What jobs can be asked for, in `where`: of several values any, and the rest together."""

    status: AnyOf[JobStatus | str]
    path: str
    file_path: AnyOf[str]
    since: datetime.datetime
    until: datetime.datetime


class Created(NamedTuple):
    """A job with a unique key: a new one, or the pending one that has the key."""

    job: JobRecord
    is_new: bool


class DayRecord(Record):
    """The statistics of one UTC day."""

    date: datetime.date
    translated: int
    skipped: int
    failed: int
    by_format: Mapping[str, int]
    by_source: Mapping[str, int]


class Summary(Record):
    """The statistics of all days: totals, today's, and the counters of all days added up."""

    translated: int
    skipped: int
    failed: int
    translated_today: int
    skipped_today: int
    failed_today: int
    by_format: Mapping[str, int]
    by_source: Mapping[str, int]
