"""What each row of the old system must be here, written by hand from what its columns mean.

Text that isn't there is '' in a table, whatever NULL or '' it was; of numbers and times that aren't there it is NULL.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

Row = Mapping[str, Any]


def moment(value: Any) -> datetime | None:
    """Naive text is UTC, and '' is none."""
    if value in (None, ""):
        return None
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def document(value: Any, otherwise: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return otherwise


def job(old: Row) -> dict[str, Any]:
    is_pending = old["status"] in ("queued", "running")
    return {
        "id": old["id"],
        "file_path": old["file_path"],
        "status": "queued" if is_pending else old["status"],
        "force": old["force"] == 1,
        "context": document(old["bazarr_context_json"], None),
        "source_format": old["source_format"] or "",
        "output_path": old["output_path"] or "",
        "stats": document(old["stats_json"], {}),
        "error": old["error"] or "",
        "config_hash": old["config_hash"] or "",
        "created_at": moment(old["created_at"]),
        "completed_at": None if is_pending else moment(old["completed_at"]),
        "priority": 0,
        "run_at": moment(old["created_at"]),
        "attempts": 0 if old["status"] == "queued" else 1,
        "max_attempts": 5,
        "unique_key": None,
        "worker": "",
        "lease_token": 0,
        "lease_expires_at": None,
        "started_at": None,
    }


def day(old: Row) -> dict[str, Any]:
    return {
        "date": date.fromisoformat(old["date"]),
        "translated": old["translated"],
        "skipped": old["skipped"],
        "failed": old["failed"],
        "by_format": json.loads(old["by_format_json"]),
        "by_source": json.loads(old["by_source_json"]),
    }


def cache_entry(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "provider": old["provider_name"],
        "query_hash": old["query_hash"],
        "results": json.loads(old["results_json"]),
        "cached_at": moment(old["cached_at"]),
        "expires_at": moment(old["expires_at"]),
        "version": 1,
    }


def download(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "provider": old["provider_name"],
        "subtitle_id": old["subtitle_id"],
        "language": old["language"],
        "format": old["format"] or "",
        "file_path": old["file_path"],
        "score": float(old["score"]),
        "subtitle_type": old["subtitle_type"],
        "downloaded_at": moment(old["downloaded_at"]),
    }


def statistics(old: Row) -> dict[str, Any]:
    """Return a provider's; an average of 0 is none, and of others the nearest count is how many are in it."""
    is_timed = old["avg_response_time_ms"] and old["total_searches"]
    is_scored = old["avg_score"] and old["successful_downloads"]
    return {
        "provider": old["provider_name"],
        "searches": old["total_searches"],
        "search_failures": 0,
        "timed_searches": old["total_searches"] if is_timed else 0,
        "average_response_ms": old["avg_response_time_ms"] if is_timed else None,
        "last_response_ms": old["last_response_time_ms"] or None,
        "successful_downloads": old["successful_downloads"],
        "failed_downloads": old["failed_downloads"],
        "scored_downloads": old["successful_downloads"] if is_scored else 0,
        "average_score": old["avg_score"] if is_scored else None,
        "consecutive_failures": old["consecutive_failures"],
        "last_success_at": moment(old["last_success_at"]),
        "last_failure_at": moment(old["last_failure_at"]),
        "disabled": old["auto_disabled"] == 1,
        "disabled_until": moment(old["disabled_until"]) if old["auto_disabled"] == 1 else None,
        "updated_at": moment(old["updated_at"]),
        "version": 1,
    }


def wanted(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "item_type": old["item_type"],
        "series_id": old["sonarr_series_id"],
        "episode_id": old["sonarr_episode_id"],
        "movie_id": old["radarr_movie_id"],
        "standalone_series_id": old["standalone_series_id"],
        "standalone_movie_id": old["standalone_movie_id"],
        "instance_name": old["instance_name"] or "",
        "title": old["title"] or "",
        "season_episode": old["season_episode"] or "",
        "file_path": old["file_path"],
        "language": old["target_language"] or "",
        "subtitle_type": old["subtitle_type"],
        "existing_sub": old["existing_sub"] or "",
        "missing_languages": json.loads(old["missing_languages"]),
        "upgrade_candidate": old["upgrade_candidate"] == 1,
        "current_score": old["current_score"],
        "status": old["status"],
        "error": old["error"] or "",
        "search_count": old["search_count"],
        "last_search_at": moment(old["last_search_at"]),
        "retry_after": None,
        "added_at": moment(old["added_at"]),
        "updated_at": moment(old["updated_at"]),
        "version": 1,
    }


def profile(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "name": old["name"],
        "source_language": old["source_language"],
        "source_language_name": old["source_language_name"],
        "target_languages": json.loads(old["target_languages_json"]),
        "target_language_names": json.loads(old["target_language_names_json"]),
        "translation_backend": old["translation_backend"],
        "fallback_chain": json.loads(old["fallback_chain_json"]),
        "forced_preference": old["forced_preference"],
        "created_at": moment(old["created_at"]),
        "updated_at": moment(old["updated_at"]),
        "version": 1,
    }


def series_profile(old: Row) -> dict[str, Any]:
    return {"series_id": old["sonarr_series_id"], "profile_id": old["profile_id"], "version": 1}


def movie_profile(old: Row) -> dict[str, Any]:
    return {"movie_id": old["radarr_movie_id"], "profile_id": old["profile_id"], "version": 1}


def folder(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "path": old["path"],
        "label": old["label"] or "",
        "media_type": old["media_type"],
        "enabled": old["enabled"] == 1,
        "last_scan_at": moment(old["last_scan_at"]),
        **_dates(old),
    }


def series(old: Row) -> dict[str, Any]:
    return {
        **_title(old),
        "folder_path": old["folder_path"],
        "tvdb_id": old["tvdb_id"],
        "anilist_id": old["anilist_id"],
        "is_anime": old["is_anime"] == 1,
        "episode_count": old["episode_count"],
        "season_count": old["season_count"],
    }


def movie(old: Row) -> dict[str, Any]:
    return {**_title(old), "file_path": old["file_path"]}


def _title(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "title": old["title"],
        "year": old["year"],
        "tmdb_id": old["tmdb_id"],
        "imdb_id": old["imdb_id"] or "",
        "poster_url": old["poster_url"] or "",
        "metadata_source": old["metadata_source"] or "",
        **_dates(old),
    }


def _dates(old: Row) -> dict[str, Any]:
    return {"created_at": moment(old["created_at"]), "updated_at": moment(old["updated_at"]), "version": 1}


def metadata(old: Row) -> dict[str, Any]:
    return {
        "cache_key": old["cache_key"],
        "provider": old["provider"],
        "response": json.loads(old["response_json"]),
        "cached_at": moment(old["cached_at"]),
        "expires_at": moment(old["expires_at"]),
        "version": 1,
    }


def mapping(old: Row) -> dict[str, Any]:
    return {
        "tvdb_id": old["tvdb_id"],
        "anidb_id": old["anidb_id"],
        "series_title": old["series_title"] or "",
        "created_at": moment(old["created_at"]),
        "last_used_at": moment(old["last_used"]),
        "version": 1,
    }


def script(old: Row) -> dict[str, Any]:
    return {
        **_hook(old),
        "script_path": old["script_path"],
        "last_status": old["last_status"] or None,
    }


def webhook(old: Row) -> dict[str, Any]:
    return {
        **_hook(old),
        "url": old["url"],
        "secret": old["secret"] or "",
        "retry_count": old["retry_count"],
        "last_status_code": old["last_status_code"] or None,
        "last_error": old["last_error"] or "",
        "consecutive_failures": old["consecutive_failures"],
    }


def _hook(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "name": old["name"],
        "event": old["event_name"],
        "enabled": old["enabled"] == 1,
        "timeout_seconds": old["timeout_seconds"],
        "last_triggered_at": moment(old["last_triggered_at"]),
        "trigger_count": old["trigger_count"],
        **_dates(old),
    }


def execution(old: Row) -> dict[str, Any]:
    return {
        "id": old["id"],
        "script_id": old["hook_id"],
        "webhook_id": old["webhook_id"],
        "event": old["event_name"],
        "kind": old["hook_type"],
        "success": old["success"] == 1,
        "exit_code": old["exit_code"],
        "status_code": old["status_code"],
        "stdout": old["stdout"] or "",
        "stderr": old["stderr"] or "",
        "error": old["error"] or "",
        "duration_ms": old["duration_ms"],
        "triggered_at": moment(old["triggered_at"]),
    }


EXPECTED: Mapping[str, Callable[[Row], dict[str, Any]]] = {
    "jobs": job,
    "daily_stats": day,
    "provider_cache": cache_entry,
    "subtitle_downloads": download,
    "provider_stats": statistics,
    "wanted_items": wanted,
    "language_profiles": profile,
    "series_language_profiles": series_profile,
    "movie_language_profiles": movie_profile,
    "anidb_mappings": mapping,
    "watched_folders": folder,
    "standalone_series": series,
    "standalone_movies": movie,
    "metadata_cache": metadata,
    "hook_configs": script,
    "webhook_configs": webhook,
    "hook_log": execution,
}
