"""The tables: what searches found, what was downloaded, and a provider's statistics."""

import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, JSONDocument, NoneAsEmpty, PlainText, now

# Of keys: PostgreSQL takes 2,704 bytes into an entry of an index.
NAME_LENGTH = 200


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("providers")


class CacheEntry(Versioned, Base):
    """What a provider returned for a query."""

    __tablename__ = "providers_cache"
    __table_args__ = (
        UniqueConstraint("provider", "query_hash"),
        CheckConstraint("provider <> '' AND query_hash <> ''", name="key"),
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    provider: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    query_hash: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    results: Mapped[list[Any]] = mapped_column(JSONDocument())
    cached_at: Mapped[datetime.datetime] = mapped_column(default=now())
    expires_at: Mapped[datetime.datetime]


class Download(Base):
    """One download of the history."""

    __tablename__ = "providers_downloads"
    __table_args__ = (
        CheckConstraint("provider <> ''", name="provider"),
        CheckConstraint("file_path <> ''", name="file_path"),
        CheckConstraint("score >= 0", name="score"),
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    provider: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    subtitle_id: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    format: Mapped[str | None] = mapped_column(NoneAsEmpty(NAME_LENGTH), nullable=False, default="")
    file_path: Mapped[str]
    score: Mapped[float | None]
    subtitle_type: Mapped[str] = mapped_column(default="full")
    downloaded_at: Mapped[datetime.datetime] = mapped_column(default=now())


class Statistics(Versioned, Base):
    """A provider's statistics, and whether it is disabled.

    An average has a counter of its own, of the values that are in it.
    """

    __tablename__ = "providers_stats"
    __table_args__ = (
        CheckConstraint("provider <> ''", name="provider"),
        CheckConstraint(
            "search_failures BETWEEN 0 AND searches AND timed_searches BETWEEN 0 AND searches", name="searches"
        ),
        CheckConstraint(
            "failed_downloads >= 0 AND scored_downloads BETWEEN 0 AND successful_downloads", name="downloads"
        ),
        CheckConstraint("(timed_searches = 0) = (average_response_ms IS NULL)", name="timed"),
        CheckConstraint("(scored_downloads = 0) = (average_score IS NULL)", name="scored"),
        CheckConstraint("average_response_ms >= 0 AND last_response_ms >= 0", name="response_ms"),
        CheckConstraint("average_score >= 0", name="score"),
        CheckConstraint("consecutive_failures >= 0", name="consecutive_failures"),
        CheckConstraint("disabled OR disabled_until IS NULL", name="disabled_until"),
    )

    provider: Mapped[str] = mapped_column(PlainText(NAME_LENGTH), primary_key=True)
    searches: Mapped[int] = mapped_column(BigInt(), default=0)
    search_failures: Mapped[int] = mapped_column(BigInt(), default=0)
    timed_searches: Mapped[int] = mapped_column(BigInt(), default=0)
    average_response_ms: Mapped[float | None]
    last_response_ms: Mapped[float | None]
    successful_downloads: Mapped[int] = mapped_column(BigInt(), default=0)
    failed_downloads: Mapped[int] = mapped_column(BigInt(), default=0)
    scored_downloads: Mapped[int] = mapped_column(BigInt(), default=0)
    average_score: Mapped[float | None]
    consecutive_failures: Mapped[int] = mapped_column(BigInt(), default=0)
    last_success_at: Mapped[datetime.datetime | None]
    last_failure_at: Mapped[datetime.datetime | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    disabled_until: Mapped[datetime.datetime | None]
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


cache = cast("Table", CacheEntry.__table__)
downloads = cast("Table", Download.__table__)
stats = cast("Table", Statistics.__table__)

Index("ix_providers_cache_provider_expires_at", cache.c.provider, cache.c.expires_at)
Index("ix_providers_cache_expires_at_id", cache.c.expires_at, cache.c.id)
Index("ix_providers_downloads_downloaded_at_id", downloads.c.downloaded_at, downloads.c.id)
Index(
    "ix_providers_downloads_provider_downloaded_at_id",
    downloads.c.provider,
    downloads.c.downloaded_at,
    downloads.c.id,
)
Index("ix_providers_downloads_provider_format", downloads.c.provider, downloads.c.format)
# A hash on PostgreSQL, since a path may be longer than an entry of its other indexes; a file has few downloads to sort.
Index("ix_providers_downloads_file_path", downloads.c.file_path, postgresql_using="hash")
