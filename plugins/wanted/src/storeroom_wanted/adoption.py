"""How Sublarr's wanted items become this plugin's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from storeroom.adoption import Field, Mended, TableAdoption, choice, document, flag, moment, text, whole
from storeroom_wanted.models import CONFLICT_KEY, Wanted
from storeroom_wanted.states import ItemType, SubtitleType, WantedStatus

_ARRAY = document("missing_languages", kind=list)
_COUNT = whole("search_count")


def _now() -> datetime:
    return datetime.now(UTC)


def _languages(value: Any) -> Any:
    """Read a JSON array of languages; what isn't text in it is left out, and told."""
    found = _ARRAY.read(value)
    good = [each for each in found if isinstance(each, str) and each]
    return good if len(good) == len(found) else Mended(good, f"{value!r:.80} has what isn't a language")


def _count(value: Any) -> int:
    found: int = _COUNT.read(value)
    if found < 0:
        raise ValueError(f"{value!r} is less than none")
    return found


def _preference(values: Mapping[str, Any]) -> Any:
    """Of two items that are the same, prefer the one that a person ignored, then the one that was changed last."""
    return values["status"] == WantedStatus.IGNORED, values["updated_at"]


SUBLARR = [
    TableAdoption(
        table="wanted_items",
        model=Wanted,
        key=["id"],
        identity=["file_path", "target_language", "subtitle_type"],
        unique=CONFLICT_KEY,
        prefer=_preference,
        fields={
            "id": whole("id"),
            "item_type": choice("item_type", ItemType, default=ItemType.EPISODE),
            "series_id": whole("sonarr_series_id"),
            "episode_id": whole("sonarr_episode_id"),
            "movie_id": whole("radarr_movie_id"),
            "standalone_series_id": whole("standalone_series_id", relates_to="standalone_series"),
            "standalone_movie_id": whole("standalone_movie_id", relates_to="standalone_movies"),
            "instance_name": text("instance_name"),
            "title": text("title"),
            "season_episode": text("season_episode"),
            "file_path": text("file_path", required=True),
            "language": text("target_language"),
            "subtitle_type": choice("subtitle_type", SubtitleType, default=SubtitleType.FULL),
            "existing_sub": text("existing_sub"),
            "missing_languages": Field(sources=("missing_languages",), read=_languages, default=()),
            "upgrade_candidate": flag("upgrade_candidate"),
            "current_score": whole("current_score", default=0),
            "status": choice("status", WantedStatus, default=WantedStatus.WANTED),
            "error": text("error"),
            "search_count": Field(sources=("search_count",), read=_count, default=0),
            "last_search_at": moment("last_search_at"),
            "retry_after": moment("retry_after"),
            "added_at": moment("added_at", default=_now),
            "updated_at": moment("updated_at", default=_now),
        },
    )
]
