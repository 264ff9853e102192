"""What the verbs take and return."""

import datetime
from collections.abc import Mapping
from typing import NamedTuple, Required, TypedDict

from storeroom import AnyOf, Record
from storeroom_wanted.states import ItemType, SubtitleType, WantedStatus


class WantedRecord(Record):
    """A wanted item. Text that isn't there is None; times are in UTC.

    `series_id`, `episode_id` and `movie_id` are Sonarr's and Radarr's, of the instance `instance_name`. `error` is of
    the last time that a status was set.
    """

    id: int
    item_type: ItemType
    series_id: int | None
    episode_id: int | None
    movie_id: int | None
    standalone_series_id: int | None
    standalone_movie_id: int | None
    instance_name: str | None
    title: str | None
    season_episode: str | None
    file_path: str
    language: str | None
    subtitle_type: SubtitleType
    existing_sub: str | None
    missing_languages: tuple[str, ...]
    upgrade_candidate: bool
    current_score: int
    status: WantedStatus
    error: str | None
    search_count: int
    last_search_at: datetime.datetime | None
    retry_after: datetime.datetime | None
    added_at: datetime.datetime
    updated_at: datetime.datetime
    version: int


class WantedFilters(TypedDict, total=False):
    """What items can be asked for, in `where`: of several values any, and the rest together."""

    item_type: AnyOf[ItemType | str]
    status: AnyOf[WantedStatus | str]
    series_id: AnyOf[int] | None
    episode_id: AnyOf[int] | None
    movie_id: AnyOf[int] | None
    standalone_series_id: AnyOf[int] | None
    standalone_movie_id: AnyOf[int] | None
    instance_name: AnyOf[str] | None
    file_path: AnyOf[str]
    language: AnyOf[str] | None
    subtitle_type: AnyOf[SubtitleType | str]
    existing_sub: AnyOf[str] | None
    upgrade_candidate: bool
    text: str


class ScanItem(TypedDict, total=False):
    """What a scan says of an item: the fields of an upsert, and no others."""

    item_type: Required[ItemType | str]
    file_path: Required[str]
    language: Required[str | None]
    subtitle_type: Required[SubtitleType | str]
    series_id: int | None
    episode_id: int | None
    movie_id: int | None
    standalone_series_id: int | None
    standalone_movie_id: int | None
    instance_name: str | None
    title: str | None
    season_episode: str | None
    existing_sub: str | None
    missing_languages: list[str] | tuple[str, ...]
    upgrade_candidate: bool
    current_score: int


class ItemKey(NamedTuple):
    """What tells an item from any other, beside its id."""

    file_path: str
    language: str | None
    subtitle_type: SubtitleType


class StoredKey(NamedTuple):
    """An item's id, and the key that it has."""

    id: int
    key: ItemKey


class Summary(Record):
    """How many items there are, in all and by what they are; None among the existing subtitles is for none."""

    total: int
    by_type: Mapping[ItemType, int]
    by_status: Mapping[WantedStatus, int]
    by_subtitle_type: Mapping[SubtitleType, int]
    by_existing_sub: Mapping[str | None, int]
    upgradeable: int


class HistoryEvent(Record):
    """Something that happened to a file, as a plugin tells it."""

    at: datetime.datetime
    plugin: str
    event: str
    detail: str


class History(Record):
    """What happened to a file, newest first, and by plugin why some can't tell."""

    events: tuple[HistoryEvent, ...]
    failed: Mapping[str, str]
