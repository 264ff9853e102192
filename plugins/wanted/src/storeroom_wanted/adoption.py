"""How Sublarr's wanted items become this plugin's."""

from collections.abc import Mapping
from typing import Any

from storeroom.adoption import TableAdoption, choice, flag, moment, text, texts, whole
from storeroom_wanted.models import CONFLICT_KEY, Wanted
from storeroom_wanted.states import ItemType, SubtitleType, WantedStatus


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
            "missing_languages": texts("missing_languages"),
            "upgrade_candidate": flag("upgrade_candidate"),
            "current_score": whole("current_score", default=0),
            "status": choice("status", WantedStatus, default=WantedStatus.WANTED),
            "error": text("error"),
            "search_count": whole("search_count", default=0, least=0),
            "last_search_at": moment("last_search_at"),
            "retry_after": moment("retry_after"),
            "added_at": moment("added_at"),
            "updated_at": moment("updated_at"),
        },
    )
]
