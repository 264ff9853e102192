"""What this plugin takes over from Sublarr: the tables of its standalone mode, and its AniDB mappings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from storeroom.adoption import Field, Mended, TableAdoption, choice, computed, document, flag, moment, text, whole
from storeroom_standalone.columns import LONGEST_KEY
from storeroom_standalone.kinds import MediaType
from storeroom_standalone.models import (
    FIRST_YEAR,
    LAST_YEAR,
    AnidbMapping,
    Folder,
    Metadata,
    Movie,
    Series,
)

LARGEST = (1 << 31) - 1
LONGEST_PROVIDER = 100

_read_whole = whole("").read


def _id(source: str) -> Field:
    return _none_as_zero(whole(source, least=1, most=LARGEST))


def _none_as_zero(field: Field) -> Field:
    """Take 0 for none, of which nothing is told."""
    read: Callable[[Any], int] = field.read
    return replace(field, read=lambda value: read(value) if _read_whole(value) else None)


def _required_id(source: str) -> Field:
    return whole(source, required=True, least=1, most=LARGEST)


def _key(source: str, *, longest: int = LONGEST_KEY, default: str | None = None) -> Field:
    """Read text for a column that has some, and not too much of it."""
    field = text(source, default=default, required=default is None)

    def read(value: Any) -> str:
        found: str = field.read(value)
        if len(found.encode(errors="replace")) > longest:
            raise ValueError(f"{found[:40]!r}… has more than {longest:,} bytes")
        return found

    return replace(field, read=read)


def _title(path: str) -> Field:
    """Read a title; for one that is missing or much too long, the name of the folder or file stands."""

    def read(title: Any, place: Any) -> str | Mended:
        if isinstance(title, str) and title and len(title.encode(errors="replace")) <= LONGEST_KEY:
            return title
        name = str(place or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
        return Mended(name or "?", f"{title!r:.60} is no title; {name!r:.60}, of its path, stands for it")

    return computed(read, "title", path, default="?")


_TIMES = {"created_at": moment("created_at"), "updated_at": moment("updated_at")}


def _found(path: str) -> dict[str, Field]:
    """Return how the columns of series and movies are read."""
    return {
        "id": whole("id"),
        path: _key(path),
        "title": _title(path),
        "year": _none_as_zero(whole("year", least=FIRST_YEAR, most=LAST_YEAR)),
        "tmdb_id": _id("tmdb_id"),
        "imdb_id": text("imdb_id"),
        "poster_url": text("poster_url"),
        "metadata_source": text("metadata_source"),
        **_TIMES,
    }


_RESPONSE = document("response_json", default=dict)


def _expires_at(value: Any, response: Any) -> Any:
    """Read when an entry expires: one without a time, or whose response can't be used, at the time of the run."""
    if response in (None, ""):
        raise ValueError("there is no response to keep")
    _RESPONSE.read(response)
    return None if value in (None, "") else moment("").read(value)


_newest: Callable[[Any], Any] = itemgetter("updated_at")

TABLES: Sequence[TableAdoption] = (
    TableAdoption(
        table="watched_folders",
        model=Folder,
        key=("id",),
        identity=("path",),
        unique=("path",),
        prefer=_newest,
        fields={
            "id": whole("id"),
            "path": _key("path"),
            "label": text("label"),
            "media_type": choice("media_type", MediaType, default=MediaType.AUTO),
            "enabled": flag("enabled", default=True),
            "last_scan_at": moment("last_scan_at"),
            **_TIMES,
        },
    ),
    TableAdoption(
        table="standalone_series",
        model=Series,
        key=("id",),
        identity=("folder_path",),
        unique=("folder_path",),
        prefer=_newest,
        fields={
            **_found("folder_path"),
            "tvdb_id": _id("tvdb_id"),
            "anilist_id": _id("anilist_id"),
            "is_anime": flag("is_anime"),
            "episode_count": whole("episode_count", default=0, least=0, most=LARGEST),
            "season_count": whole("season_count", default=0, least=0, most=LARGEST),
        },
    ),
    TableAdoption(
        table="standalone_movies",
        model=Movie,
        key=("id",),
        identity=("file_path",),
        unique=("file_path",),
        prefer=_newest,
        fields=_found("file_path"),
    ),
    TableAdoption(
        table="metadata_cache",
        model=Metadata,
        key=("cache_key",),
        unique=("cache_key",),
        prefer=itemgetter("cached_at"),
        fields={
            "cache_key": _key("cache_key"),
            "provider": _key("provider", longest=LONGEST_PROVIDER, default="unknown"),
            "response": _RESPONSE,
            "cached_at": moment("cached_at"),
            "expires_at": computed(_expires_at, "expires_at", *_RESPONSE.sources),
        },
    ),
    TableAdoption(
        table="anidb_mappings",
        model=AnidbMapping,
        key=("tvdb_id",),
        unique=("tvdb_id",),
        prefer=itemgetter("last_used_at"),
        fields={
            "tvdb_id": _required_id("tvdb_id"),
            "anidb_id": _required_id("anidb_id"),
            "series_title": text("series_title"),
            "created_at": moment("created_at"),
            "last_used_at": moment("last_used"),
        },
    ),
)
