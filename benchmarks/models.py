"""The same tables as SQLAlchemy models, as a program without Storeroom would have them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom_jobs.models import new_id

_Big = BigInteger().with_variant(Integer(), "sqlite")


def utc_now() -> datetime:
    """Return the time: this machine's, as programs take it that don't ask the database."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The declarative base."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own form
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[str]: JSON().with_variant(JSONB(), "postgresql"),
        datetime: DateTime(timezone=True),
        int: _Big,
        str: String(),
    }


class Wanted(Base):
    """A wanted item."""

    __tablename__ = "wanted"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_type: Mapped[str]
    series_id: Mapped[int | None]
    episode_id: Mapped[int | None]
    movie_id: Mapped[int | None]
    standalone_series_id: Mapped[int | None]
    standalone_movie_id: Mapped[int | None]
    instance_name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    season_episode: Mapped[str] = mapped_column(default="")
    file_path: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    subtitle_type: Mapped[str] = mapped_column(default="full")
    existing_sub: Mapped[str] = mapped_column(default="")
    missing_languages: Mapped[list[str]] = mapped_column(default=list)
    upgrade_candidate: Mapped[bool] = mapped_column(default=False)
    current_score: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="wanted")
    error: Mapped[str] = mapped_column(default="")
    search_count: Mapped[int] = mapped_column(default=0)
    last_search_at: Mapped[datetime | None]
    retry_after: Mapped[datetime | None]
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Statistics(Base):
    """A provider's statistics."""

    __tablename__ = "providers_stats"

    provider: Mapped[str] = mapped_column(primary_key=True)
    searches: Mapped[int] = mapped_column(default=0)
    search_failures: Mapped[int] = mapped_column(default=0)
    timed_searches: Mapped[int] = mapped_column(default=0)
    average_response_ms: Mapped[float | None]
    last_response_ms: Mapped[float | None]
    successful_downloads: Mapped[int] = mapped_column(default=0)
    failed_downloads: Mapped[int] = mapped_column(default=0)
    scored_downloads: Mapped[int] = mapped_column(default=0)
    average_score: Mapped[float | None]
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    last_success_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    disabled_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Job(Base):
    """A job."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    file_path: Mapped[str]
    status: Mapped[str] = mapped_column(default="queued")
    force: Mapped[bool] = mapped_column(default=False)
    context: Mapped[dict[str, Any] | None]
    source_format: Mapped[str] = mapped_column(default="")
    output_path: Mapped[str] = mapped_column(default="")
    stats: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    config_hash: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    completed_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    unique_key: Mapped[str | None]
    worker: Mapped[str] = mapped_column(default="")
    lease_token: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
