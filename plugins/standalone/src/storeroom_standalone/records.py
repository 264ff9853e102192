"""What the verbs return."""

import datetime
from typing import Any, TypedDict

from storeroom import AnyOf, Record
from storeroom_standalone.kinds import MediaType


class FolderRecord(Record):
    """A watched folder. It was never scanned where `last_scan_at` is None."""

    id: int
    path: str
    label: str | None
    media_type: MediaType
    enabled: bool
    last_scan_at: datetime.datetime | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    version: int


class FolderFilters(TypedDict, total=False):
    """What folders can be asked for, in `where`: of several values any, and the rest together."""

    enabled: bool
    media_type: AnyOf[MediaType | str]
    text: str


class TitleRecord(Record):
    """What series and movies have in common. Ids and text that aren't known are None; times are in UTC."""

    id: int
    title: str
    year: int | None
    tmdb_id: int | None
    imdb_id: str | None
    poster_url: str | None
    metadata_source: str | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    version: int


class SeriesRecord(TitleRecord):
    """A series."""

    folder_path: str
    tvdb_id: int | None
    anilist_id: int | None
    is_anime: bool
    episode_count: int
    season_count: int


class SeriesFilters(TypedDict, total=False):
    """What series can be asked for, in `where`: of several values any, and the rest together."""

    text: str
    is_anime: bool
    tmdb_id: AnyOf[int] | None
    tvdb_id: AnyOf[int] | None
    anilist_id: AnyOf[int] | None


class MovieRecord(TitleRecord):
    """A movie."""

    file_path: str


class MovieFilters(TypedDict, total=False):
    """What movies can be asked for, in `where`: of several values any, and the rest together."""

    text: str
    tmdb_id: AnyOf[int] | None


class MetadataRecord(Record):
    """What a provider answered, expired or not; `response` is any JSON value."""

    cache_key: str
    provider: str
    response: Any
    cached_at: datetime.datetime
    expires_at: datetime.datetime
    version: int


class MetadataFilters(TypedDict, total=False):
    """What answers can be asked for, in `where`: of several values any, and the rest together."""

    provider: AnyOf[str]
    expired_before: datetime.datetime


class MappingRecord(Record):
    """The entry of AniDB for a series of TheTVDB."""

    tvdb_id: int
    anidb_id: int
    series_title: str | None
    created_at: datetime.datetime
    last_used_at: datetime.datetime
    version: int


class MappingFilters(TypedDict, total=False):
    """What mappings can be asked for, in `where`: of several values any, and the rest together."""

    anidb_id: AnyOf[int]
    text: str
    unused_since: datetime.datetime
