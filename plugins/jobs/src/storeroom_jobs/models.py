"""The tables: one row a job, and one a day of statistics."""

import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, Index, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils import uuid7

from storeroom import plugin_registry
from storeroom.sql import BigInt, Choice, NoneAsEmpty, PlainText, now, partial_index
from storeroom_jobs.states import JobStatus

ID_LENGTH = 64
# A B-tree of PostgreSQL takes 2,704 bytes, and a character may be four.
KEY_LENGTH = 600
MAX_ATTEMPTS = 5

# The text of partial indexes, which the statements that they serve repeat word for word: SQLite compares no meaning.
# All but one are CASE, since SQLite without statistics would rather read the index of the status, and sort.
IS_QUEUED = "CASE status WHEN 'queued' THEN true ELSE false END"
IS_RUNNING = "CASE status WHEN 'running' THEN true ELSE false END"
IS_PENDING = "status IN ('queued', 'running')"
IS_COMPARABLE = "CASE status WHEN 'completed' THEN config_hash <> '' ELSE false END"


def new_id() -> str:
    """Return a new job's id: a UUIDv7, which sorts by the time at which it was made."""
    return str(uuid7())


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("jobs")


class Job(Base):
    """One job for one file."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("id <> ''", name="id"),
        CheckConstraint("file_path <> ''", name="file_path"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("max_attempts >= 1", name="max_attempts"),
    )

    id: Mapped[str] = mapped_column(PlainText(ID_LENGTH), primary_key=True, default=new_id)
    file_path: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(Choice(JobStatus), default=JobStatus.QUEUED)
    force: Mapped[bool] = mapped_column(default=False)
    context: Mapped[dict[str, Any] | None]
    source_format: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    output_path: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    stats: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    config_hash: Mapped[str | None] = mapped_column(NoneAsEmpty(KEY_LENGTH), nullable=False, default="")
    created_at: Mapped[datetime.datetime] = mapped_column(default=now())
    completed_at: Mapped[datetime.datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime.datetime] = mapped_column(default=now())
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=MAX_ATTEMPTS)
    unique_key: Mapped[str | None] = mapped_column(PlainText(KEY_LENGTH))
    worker: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    lease_token: Mapped[int] = mapped_column(BigInt(), default=0)
    lease_expires_at: Mapped[datetime.datetime | None]
    started_at: Mapped[datetime.datetime | None]


class Day(Base):
    """The statistics of one UTC day."""

    __tablename__ = "jobs_daily"

    date: Mapped[datetime.date] = mapped_column(primary_key=True)
    translated: Mapped[int] = mapped_column(BigInt(), default=0)
    skipped: Mapped[int] = mapped_column(BigInt(), default=0)
    failed: Mapped[int] = mapped_column(BigInt(), default=0)
    by_format: Mapped[dict[str, int]] = mapped_column(default=dict)
    by_source: Mapped[dict[str, int]] = mapped_column(default=dict)


jobs = cast("Table", Job.__table__)
daily = cast("Table", Day.__table__)

partial_index("ix_jobs_claimable", jobs.c.priority.desc(), jobs.c.run_at, jobs.c.id, where=IS_QUEUED)
partial_index("ix_jobs_leased", jobs.c.lease_expires_at, where=IS_RUNNING)
partial_index("uq_jobs_unique_key_pending", jobs.c.unique_key, where=IS_PENDING, unique=True)
# Its last column is one value, without which SQLite would read each row to see it.
partial_index("ix_jobs_compared", jobs.c.config_hash, jobs.c.created_at, jobs.c.id, jobs.c.status, where=IS_COMPARABLE)
Index("ix_jobs_status_created_at_id", jobs.c.status, jobs.c.created_at, jobs.c.id)
Index("ix_jobs_created_at_id", jobs.c.created_at, jobs.c.id)
# A path may be longer than a B-tree takes.
Index("ix_jobs_file_path", jobs.c.file_path, postgresql_using="hash")
