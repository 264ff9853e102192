"""The table: one row for a file, a language and a type of subtitle."""

import datetime
from typing import cast

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, NoneAsEmpty, ascending, now, partial_index
from storeroom_wanted.states import ItemType, SubtitleType, WantedStatus
from storeroom_wanted.types import FilePath, Languages

# A B-tree of PostgreSQL takes 2,704 bytes, and a character may be four.
TITLE_LENGTH = 600
NAME_LENGTH = 100

CONFLICT_KEY = ("file_path", "language", "subtitle_type")

# The text of partial indexes, which the statements that they serve repeat word for word: SQLite compares no meaning.
# A CASE, since SQLite would rather take two parts of an OR from an index over the status, and sort them.
IS_SEARCHABLE = "CASE status WHEN 'wanted' THEN true WHEN 'failed' THEN retry_after IS NOT NULL ELSE false END"
IS_MISSING = "status = 'wanted' AND existing_sub = '' AND series_id IS NOT NULL"


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("wanted")


class Wanted(Versioned, Base):
    """A subtitle that a file lacks, or could have better."""

    __tablename__ = "wanted"
    __table_args__ = (
        UniqueConstraint(*CONFLICT_KEY),
        CheckConstraint("file_path <> ''", name="file_path"),
        CheckConstraint("search_count >= 0", name="search_count"),
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    item_type: Mapped[ItemType] = mapped_column(Choice(ItemType))
    series_id: Mapped[int | None] = mapped_column(BigInt())
    episode_id: Mapped[int | None] = mapped_column(BigInt())
    movie_id: Mapped[int | None] = mapped_column(BigInt())
    # Of another plugin, which may not be installed: no foreign keys.
    standalone_series_id: Mapped[int | None] = mapped_column(BigInt())
    standalone_movie_id: Mapped[int | None] = mapped_column(BigInt())
    instance_name: Mapped[str | None] = mapped_column(NoneAsEmpty(NAME_LENGTH), nullable=False, default="")
    title: Mapped[str | None] = mapped_column(NoneAsEmpty(TITLE_LENGTH), nullable=False, default="")
    season_episode: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    file_path: Mapped[str] = mapped_column(FilePath())
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(NAME_LENGTH), nullable=False, default="")
    subtitle_type: Mapped[SubtitleType] = mapped_column(Choice(SubtitleType), default=SubtitleType.FULL)
    existing_sub: Mapped[str | None] = mapped_column(NoneAsEmpty(NAME_LENGTH), nullable=False, default="")
    missing_languages: Mapped[tuple[str, ...]] = mapped_column(Languages(), default=())
    upgrade_candidate: Mapped[bool] = mapped_column(default=False)
    current_score: Mapped[int] = mapped_column(default=0)
    status: Mapped[WantedStatus] = mapped_column(Choice(WantedStatus), default=WantedStatus.WANTED)
    error: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    search_count: Mapped[int] = mapped_column(default=0)
    last_search_at: Mapped[datetime.datetime | None]
    retry_after: Mapped[datetime.datetime | None]
    added_at: Mapped[datetime.datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


wanted = cast("Table", Wanted.__table__)

Index("ix_wanted_added_at_id", wanted.c.added_at, wanted.c.id)
Index("ix_wanted_status_added_at_id", wanted.c.status, wanted.c.added_at, wanted.c.id)
Index("ix_wanted_title_id", wanted.c.title, wanted.c.id)
Index("ix_wanted_last_search_at_id", ascending(wanted.c.last_search_at), wanted.c.id)
Index("ix_wanted_current_score_id", wanted.c.current_score, wanted.c.id)
Index("ix_wanted_search_count_id", wanted.c.search_count, wanted.c.id)
for _name in ("series_id", "episode_id", "movie_id", "standalone_series_id", "standalone_movie_id"):
    partial_index(f"ix_wanted_{_name}", wanted.c[_name], where=f"{_name} IS NOT NULL")
# `retry_after` at its end, so that what has to wait is passed over in the index.
partial_index(
    "ix_wanted_due", ascending(wanted.c.last_search_at), wanted.c.id, wanted.c.retry_after, where=IS_SEARCHABLE
)
# Its first columns have one value each, without which SQLite would take the index over the status.
partial_index(
    "ix_wanted_missing",
    wanted.c.status,
    wanted.c.existing_sub,
    wanted.c.series_id,
    wanted.c.instance_name,
    where=IS_MISSING,
)
Index(
    "ix_wanted_summary",
    wanted.c.status,
    wanted.c.item_type,
    wanted.c.subtitle_type,
    wanted.c.existing_sub,
    wanted.c.upgrade_candidate,
)
