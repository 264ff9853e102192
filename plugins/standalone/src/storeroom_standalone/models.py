"""The tables: watched folders, what was found in them, and what other services said about it."""

import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, ColumnElement, Index, Table, UniqueConstraint, literal_column
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, JSONDocument, NoneAsEmpty, from_now, now
from storeroom_standalone.columns import GivenId, KeyText, Within
from storeroom_standalone.kinds import MediaType

TTL_DAYS = 30
FIRST_YEAR, LAST_YEAR = 1800, 9999

_DEFAULT_TTL: ColumnElement[int] = literal_column(str(TTL_DAYS * 86_400))


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("standalone")


class Dated:
    """When a row was made, and when it changed last."""

    created_at: Mapped[datetime.datetime] = mapped_column(default=now(), sort_order=900)
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now(), sort_order=901)


class Title(Versioned, Dated):
    """What series and movies have in common. An id that isn't known is NULL, text that isn't there ''."""

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True, sort_order=-2)
    title: Mapped[str] = mapped_column(KeyText(), sort_order=-1)
    year: Mapped[int | None] = mapped_column(Within(FIRST_YEAR, LAST_YEAR))
    tmdb_id: Mapped[int | None] = mapped_column(Within())
    imdb_id: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    poster_url: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    metadata_source: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")


class Folder(Versioned, Dated, Base):
    """A folder that is to be scanned."""

    __tablename__ = "standalone_folders"
    # Programs have a handful of them, for which no order needs an index.
    __table_args__ = (UniqueConstraint("path"), CheckConstraint("path <> ''", name="path"))

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    path: Mapped[str] = mapped_column(KeyText())
    label: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    media_type: Mapped[MediaType] = mapped_column(Choice(MediaType), default=MediaType.AUTO)
    enabled: Mapped[bool] = mapped_column(default=True)
    last_scan_at: Mapped[datetime.datetime | None]


class Series(Title, Base):
    """A series, by its folder."""

    __tablename__ = "standalone_series"
    __table_args__ = (
        UniqueConstraint("folder_path"),
        CheckConstraint("folder_path <> ''", name="folder_path"),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint(f"year BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", name="year"),
        CheckConstraint("tmdb_id > 0", name="tmdb_id"),
        CheckConstraint("tvdb_id > 0", name="tvdb_id"),
        CheckConstraint("anilist_id > 0", name="anilist_id"),
        CheckConstraint("episode_count >= 0", name="episode_count"),
        CheckConstraint("season_count >= 0", name="season_count"),
        # An id isn't given again, on SQLite neither: who still has it must not mean another row by it.
        {"sqlite_autoincrement": True},
    )

    folder_path: Mapped[str] = mapped_column(KeyText())
    tvdb_id: Mapped[int | None] = mapped_column(Within())
    anilist_id: Mapped[int | None] = mapped_column(Within())
    is_anime: Mapped[bool] = mapped_column(default=False)
    episode_count: Mapped[int] = mapped_column(Within(0), default=0)
    season_count: Mapped[int] = mapped_column(Within(0), default=0)


class Movie(Title, Base):
    """A movie, by its file."""

    __tablename__ = "standalone_movies"
    __table_args__ = (
        UniqueConstraint("file_path"),
        CheckConstraint("file_path <> ''", name="file_path"),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint(f"year BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", name="year"),
        CheckConstraint("tmdb_id > 0", name="tmdb_id"),
        # An id isn't given again, on SQLite neither: who still has it must not mean another row by it.
        {"sqlite_autoincrement": True},
    )

    file_path: Mapped[str] = mapped_column(KeyText())


class Metadata(Versioned, Base):
    """What a provider of metadata answered, until it expires."""

    __tablename__ = "standalone_metadata"
    __table_args__ = (
        CheckConstraint("cache_key <> ''", name="cache_key"),
        CheckConstraint("provider <> ''", name="provider"),
    )

    cache_key: Mapped[str] = mapped_column(KeyText(), primary_key=True)
    provider: Mapped[str] = mapped_column(KeyText(100))
    response: Mapped[Any] = mapped_column(JSONDocument(), nullable=False)
    cached_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())
    expires_at: Mapped[datetime.datetime] = mapped_column(default=from_now(_DEFAULT_TTL))


class AnidbMapping(Versioned, Base):
    """Which entry of AniDB a series of TheTVDB is."""

    __tablename__ = "standalone_anidb"
    __table_args__ = (CheckConstraint("tvdb_id > 0", name="tvdb_id"), CheckConstraint("anidb_id > 0", name="anidb_id"))

    tvdb_id: Mapped[int] = mapped_column(GivenId(), primary_key=True, autoincrement=False)
    anidb_id: Mapped[int] = mapped_column(Within())
    series_title: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    created_at: Mapped[datetime.datetime] = mapped_column(default=now())
    last_used_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


folders, series, movies, metadata, mappings = (
    cast("Table", model.__table__) for model in (Folder, Series, Movie, Metadata, AnidbMapping)
)

for _table in (series, movies):
    Index(None, _table.c.title, _table.c.id)
    Index(None, _table.c.created_at, _table.c.id)
    Index(None, _table.c.tmdb_id)
Index(None, series.c.tvdb_id)
Index(None, series.c.anilist_id)
Index(None, series.c.is_anime, series.c.title, series.c.id)
Index(None, metadata.c.expires_at, metadata.c.cache_key)
Index(None, metadata.c.provider, metadata.c.cache_key)
Index(None, mappings.c.anidb_id, mappings.c.tvdb_id)
Index(None, mappings.c.last_used_at, mappings.c.tvdb_id)
