"""The real file of the old system, and files made from it, read and written with sqlite3 alone."""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

REAL = Path(__file__).parents[2] / "examples" / "sublarr-legacy.db"

TARGETS = {
    "jobs": "jobs",
    "daily_stats": "jobs_daily",
    "provider_cache": "providers_cache",
    "subtitle_downloads": "providers_downloads",
    "provider_stats": "providers_stats",
    "wanted_items": "wanted",
    "language_profiles": "profiles",
    "series_language_profiles": "profiles_series",
    "movie_language_profiles": "profiles_movies",
    "anidb_mappings": "standalone_anidb",
    "watched_folders": "standalone_folders",
    "standalone_series": "standalone_series",
    "standalone_movies": "standalone_movies",
    "metadata_cache": "standalone_metadata",
    "hook_configs": "hooks_scripts",
    "webhook_configs": "hooks_webhooks",
    "hook_log": "hooks_log",
}
"""The tables of the old system that have a place here, and which."""

KEYS = {
    "jobs": ("id", "id"),
    "daily_stats": ("date", "date"),
    "provider_stats": ("provider_name", "provider"),
    "series_language_profiles": ("sonarr_series_id", "series_id"),
    "movie_language_profiles": ("radarr_movie_id", "movie_id"),
    "anidb_mappings": ("tvdb_id", "tvdb_id"),
    "metadata_cache": ("cache_key", "cache_key"),
}
"""The key there and here; `id` where the table isn't named."""

HOMELESS = {
    "blacklist_entries": 12,
    "config_entries": 1,
    "ffprobe_cache": 0,
    "glossary_entries": 2,
    "prompt_presets": 0,
    "provider_score_modifiers": 1,
    "scoring_weights": 2,
    "translation_backend_stats": 0,
    "translation_config_history": 0,
    "upgrade_history": 1,
    "whisper_jobs": 0,
}
"""The tables of the real file that no plugin has a place for, and how many rows they have."""

Row = dict[str, Any]


def key_there(table: str) -> str:
    return KEYS.get(table, ("id", "id"))[0]


def key_here(table: str) -> str:
    return KEYS.get(table, ("id", "id"))[1]


def copy_real(file: Path, *statements: str) -> Path:
    """Copy the real file, and change the copy."""
    shutil.copy(REAL, file)
    return change(file, *statements)


def copy_few(file: Path, *statements: str) -> Path:
    """Copy the real file without most of the rows of its long tables, and change the copy."""
    few = [f"DELETE FROM {table} WHERE rowid > 5" for table in ("provider_cache", "subtitle_downloads", "hook_log")]
    return copy_real(
        file,
        *few,
        "DELETE FROM wanted_items WHERE id > 12",
        "DELETE FROM standalone_series WHERE id > 6",
        "DELETE FROM standalone_movies WHERE id > 6",
        "DELETE FROM anidb_mappings WHERE tvdb_id > 71000",
        "DELETE FROM metadata_cache WHERE rowid > 4",
        "DELETE FROM jobs WHERE rowid > 20",
        "DELETE FROM daily_stats WHERE rowid > 5",
        *statements,
    )


def change(file: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute(statement)
        connection.execute("COMMIT")
    return file


def insert(file: Path, table: str, *rows: Mapping[str, Any]) -> None:
    """Add rows, whatever their values."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def read(file: Path, table: str, where: str = "1") -> Sequence[Row]:
    """Return rows, each by its columns' names."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        # Bytes that aren't UTF-8 become what Python stands for them.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE {where}")]


def columns(table: str) -> Sequence[str]:
    """Return the names of a table's columns."""
    with closing(sqlite3.connect(f"file:{REAL}?mode=ro", uri=True)) as connection:
        return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
