"""Which columns here come from which there, and what stands for a value that can't be used; written by hand."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Any

NOW = object()
"""The time of the adoption."""

OWN_PATH = object()
"""The last part of the row's own path."""

OWN_LANGUAGES = object()
"""The row's own languages, by their names where they are known."""

OWN_BACKEND = object()
"""The row's own back end alone."""

# Columns of the old system of which other columns here are made than the one of the same name.
_ELSEWHERE: Mapping[str, Mapping[str, Set[str]]] = {
    "jobs": {
        "bazarr_context_json": {"context"},
        "stats_json": {"stats"},
        "status": {"status", "completed_at", "attempts"},
        "created_at": {"created_at", "run_at"},
    },
    "daily_stats": {"by_format_json": {"by_format"}, "by_source_json": {"by_source"}},
    "provider_cache": {"provider_name": {"provider"}, "results_json": {"results", "expires_at"}},
    "subtitle_downloads": {"provider_name": {"provider"}},
    "provider_stats": {
        "provider_name": {"provider"},
        "total_searches": {"searches", "timed_searches", "average_response_ms"},
        "avg_response_time_ms": {"timed_searches", "average_response_ms"},
        "last_response_time_ms": {"last_response_ms"},
        "successful_downloads": {"successful_downloads", "scored_downloads", "average_score"},
        "avg_score": {"scored_downloads", "average_score"},
        "auto_disabled": {"disabled", "disabled_until"},
    },
    "wanted_items": {
        "sonarr_series_id": {"series_id"},
        "sonarr_episode_id": {"episode_id"},
        "radarr_movie_id": {"movie_id"},
        "target_language": {"language"},
    },
    "language_profiles": {
        "is_default": set(),
        "target_languages_json": {"target_languages", "target_language_names"},
        "target_language_names_json": {"target_language_names"},
        "translation_backend": {"translation_backend", "fallback_chain"},
        "fallback_chain_json": {"fallback_chain"},
    },
    "series_language_profiles": {"sonarr_series_id": {"series_id"}},
    "movie_language_profiles": {"radarr_movie_id": {"movie_id"}},
    "anidb_mappings": {"last_used": {"last_used_at"}},
    "standalone_series": {"folder_path": {"folder_path", "title"}},
    "standalone_movies": {"file_path": {"file_path", "title"}},
    "metadata_cache": {"response_json": {"response", "expires_at"}},
    "hook_configs": {"event_name": {"event"}, "hook_type": set()},
    "webhook_configs": {"event_name": {"event"}, "url": {"url", "enabled"}},
    "hook_log": {
        "event_name": {"event"},
        "hook_id": {"script_id", "webhook_id", "kind"},
        "webhook_id": {"script_id", "webhook_id", "kind"},
        "hook_type": {"kind"},
    },
}


def columns_here(table: str, column: str) -> Set[str]:
    """Return the columns here that a column there has a say in."""
    return _ELSEWHERE.get(table, {}).get(column, {column})


# What stands for a bad value: where nothing is said, '' for text that may be none, and else NULL.
DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "jobs": {"file_path": "unknown", "status": "failed", "force": False, "stats": {}, "created_at": NOW, "run_at": NOW},
    "daily_stats": {"translated": 0, "failed": 0, "skipped": 0, "by_format": {}, "by_source": {}},
    "provider_cache": {"results": [], "cached_at": NOW, "expires_at": NOW},
    "subtitle_downloads": {
        "provider": "unknown",
        "file_path": "unknown",
        "subtitle_type": "full",
        "downloaded_at": NOW,
    },
    "provider_stats": {
        "searches": 0,
        "timed_searches": 0,
        "successful_downloads": 0,
        "failed_downloads": 0,
        "scored_downloads": 0,
        "consecutive_failures": 0,
        "disabled": False,
        "updated_at": NOW,
    },
    "wanted_items": {
        "item_type": "episode",
        "subtitle_type": "full",
        "missing_languages": [],
        "upgrade_candidate": False,
        "current_score": 0,
        "status": "wanted",
        "search_count": 0,
        "added_at": NOW,
        "updated_at": NOW,
    },
    "language_profiles": {
        "source_language": "en",
        "source_language_name": "English",
        "target_languages": ["de"],
        "target_language_names": OWN_LANGUAGES,
        "translation_backend": "ollama",
        "fallback_chain": OWN_BACKEND,
        "forced_preference": "disabled",
        "created_at": NOW,
        "updated_at": NOW,
    },
    "anidb_mappings": {"created_at": NOW, "last_used_at": NOW},
    "watched_folders": {"media_type": "auto", "enabled": True, "created_at": NOW, "updated_at": NOW},
    "standalone_series": {
        "title": OWN_PATH,
        "is_anime": False,
        "episode_count": 0,
        "season_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "standalone_movies": {"title": OWN_PATH, "created_at": NOW, "updated_at": NOW},
    "metadata_cache": {"provider": "unknown", "response": {}, "cached_at": NOW, "expires_at": NOW},
    "hook_configs": {
        "name": "unnamed",
        "event": "unnamed",
        "enabled": False,
        "timeout_seconds": 30,
        "trigger_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "webhook_configs": {
        "url": "http://unknown.invalid/",
        "name": "unnamed",
        "event": "unnamed",
        "enabled": False,
        "retry_count": 3,
        "timeout_seconds": 10,
        "consecutive_failures": 0,
        "trigger_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "hook_log": {"event": "unnamed", "kind": "script", "success": False, "duration_ms": 0.0, "triggered_at": NOW},
}

ESSENTIAL: Mapping[str, Set[str]] = {
    "jobs": {"id"},
    "daily_stats": {"date"},
    "provider_cache": {"provider_name", "query_hash"},
    "provider_stats": {"provider_name"},
    "wanted_items": {"file_path"},
    "language_profiles": {"name"},
    "series_language_profiles": {"sonarr_series_id", "profile_id"},
    "movie_language_profiles": {"radarr_movie_id", "profile_id"},
    "anidb_mappings": {"tvdb_id", "anidb_id"},
    "watched_folders": {"path"},
    "standalone_series": {"folder_path"},
    "standalone_movies": {"file_path"},
    "metadata_cache": {"cache_key"},
}
"""What a row says something of, or what it says: without it there is no row."""


def is_default(table: str, name: str, row: Mapping[str, Any], since: datetime) -> bool:
    """Tell whether a column of a row here has what stands for a bad value; times are `since` then or little later."""
    here, default = row[name], DEFAULTS.get(table, {}).get(name)
    if default is NOW:
        return isinstance(here, datetime) and abs(here - since) < timedelta(minutes=2)
    if default is OWN_PATH:
        path = row.get("folder_path", row.get("file_path"))
        return here in (str(path).rpartition("/")[2], "?")
    if default is OWN_LANGUAGES:
        return bool(here == [{"de": "German", "en": "English"}.get(each, each) for each in row["target_languages"]])
    if default is OWN_BACKEND:
        return bool(here == [row["translation_backend"]])
    return here in (None, "") if default is None else bool(here == default)
