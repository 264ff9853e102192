"""Rows with one broken value: for each column of each table and each kind of garbage, a copy of a good row."""

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.adoption.legacy import Row, columns, copy_real, key_there

# Values as SQL, since Python's driver doesn't write text that isn't UTF-8. Paths and titles that are no text of the
# other kinds are long ones, which no database's index compresses.
GARBAGE: Mapping[str, str] = {
    "text": "'garbage'",
    "empty": "''",
    "null": "NULL",
    "nul": "CAST(X'6100620063' AS TEXT)",
    "invalid utf-8": "CAST(X'2FC3282F' AS TEXT)",
    "blob": "X'FFFE00C3'",
    "json of another shape": """'{"a": [1, "b"]}'""",
    "json null": "'null'",
    "json that no database stores": r"""'["\ud800", {"\u0000": NaN}]'""",
    "json too deep": "'" + "[" * 3000 + "]" * 3000 + "'",
    "negative": "-7",
    "fraction": "0.25",
    "over 32 bits": "4294967297",
    "64 bits": "9223372036854775807",
    "huge": "1e300",
    "infinite": "9e999",
    "no day": "'2026-02-30T25:00:00'",
    "last day": "'9999-12-31T23:59:59'",
    "long": "'/" + "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9000)) + "'",
}

# What makes a copy of a row another one; {n} is its number.
_OWN: Mapping[str, Mapping[str, str]] = {
    "jobs": {"id": "'job-{n}'"},
    "daily_stats": {"date": "date('1990-01-01', '+{n} days')"},
    "provider_cache": {"id": "{n}", "query_hash": "'hash-{n}'"},
    "subtitle_downloads": {"id": "{n}"},
    "provider_stats": {"provider_name": "'provider-{n}'"},
    "wanted_items": {"id": "{n}", "file_path": "'/wanted/{n}'"},
    "language_profiles": {"id": "{n}", "name": "'Profile {n}'"},
    "series_language_profiles": {"sonarr_series_id": "{n}"},
    "movie_language_profiles": {"radarr_movie_id": "{n}"},
    "anidb_mappings": {"tvdb_id": "{n}"},
    "watched_folders": {"id": "{n}", "path": "'/folders/{n}'"},
    "standalone_series": {"id": "{n}", "folder_path": "'/series/{n}'"},
    "standalone_movies": {"id": "{n}", "file_path": "'/movies/{n}'"},
    "metadata_cache": {"cache_key": "'key:{n}'"},
    "hook_configs": {"id": "{n}"},
    "webhook_configs": {"id": "{n}"},
    "hook_log": {"id": "{n}"},
}

# A good row with a value in each column, where the real file's first doesn't have one.
_GOOD: Mapping[str, Mapping[str, str]] = {
    "jobs": {
        "status": "'completed'",
        "source_format": "'ass'",
        "output_path": "'/out.ass'",
        "stats_json": """'{"lines": 3}'""",
        "error": "'none'",
        "force": "1",
        "bazarr_context_json": """'{"series": "x"}'""",
        "completed_at": "'2026-01-03T00:00:00'",
        "config_hash": "'c4ca'",
    },
    "provider_stats": {"auto_disabled": "1", "disabled_until": "'2026-11-22T08:07:45'", "consecutive_failures": "3"},
    "wanted_items": {
        "radarr_movie_id": "5000",
        "standalone_series_id": "2",
        "standalone_movie_id": "3",
        "error": "'timeout'",
        "instance_name": "'main'",
        "upgrade_candidate": "1",
        "status": "'failed'",
        "existing_sub": "'srt'",
        "subtitle_type": "'forced'",
    },
    "language_profiles": {
        "is_default": "0",
        "source_language": "'ja'",
        "source_language_name": "'Japanese'",
        "target_languages_json": """'["fr", "es"]'""",
        "target_language_names_json": """'["French", "Spanish"]'""",
        "translation_backend": "'deepl'",
        "fallback_chain_json": """'["deepl", "ollama"]'""",
        "forced_preference": "'separate'",
    },
    "watched_folders": {"enabled": "0", "last_scan_at": "'2026-01-03T00:00:00'"},
    "standalone_series": {"anilist_id": "77", "imdb_id": "'tt1'", "poster_url": "'http://p'", "tmdb_id": "5"},
    "standalone_movies": {"imdb_id": "'tt1'", "poster_url": "'http://p'"},
    "hook_configs": {"enabled": "0", "last_status": "'failed'", "timeout_seconds": "31"},
    "webhook_configs": {
        "enabled": "0",
        "retry_count": "4",
        "timeout_seconds": "11",
        "last_error": "'refused'",
        "consecutive_failures": "2",
    },
    "hook_log": {
        "hook_id": "1",
        "webhook_id": "NULL",
        "hook_type": "'script'",
        "success": "1",
        "exit_code": "0",
        "status_code": "201",
        "stdout": "'out'",
        "stderr": "'err'",
        "error": "'no error'",
    },
}

_FIRST = 20_000


Where: TypeAlias = tuple[str, str, str]
"""A table, a column and a kind of garbage."""


@dataclass(frozen=True)
class Broken:
    """A row with one broken value, as it is in the file, and the same row as it was before."""

    table: str
    column: str
    kind: str
    good: Row
    row: Row

    @property
    def shown(self) -> str:
        """The key by which the report tells of it."""
        key = str(self.row[key_there(self.table)])
        return key if key.isprintable() else "".join(map(_escaped, key))

    @property
    def value(self) -> Any:
        return self.row[self.column]

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.kind} ({self.shown[:40]!r})"


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def write_broken(file: Path) -> Mapping[str, Sequence[Broken]]:
    """Copy the real file and add the broken rows; returns them by table."""
    copy_real(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # As no program could: columns that must have a value get none.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        connection.execute("BEGIN")
        broken = {table: list(_break(connection, table)) for table in _OWN}
        connection.execute("COMMIT")
    return broken


def _break(connection: sqlite3.Connection, table: str) -> Iterator[Broken]:
    number = _FIRST
    names = columns(table)
    for column in names:
        for kind in GARBAGE:
            number += 1
            values = {**_GOOD.get(table, {}), **{name: sql.format(n=number) for name, sql in _OWN[table].items()}}
            selected = ", ".join(values.get(name, name) for name in names)
            connection.execute(f"INSERT INTO {table} SELECT {selected} FROM {table} ORDER BY rowid LIMIT 1")
            (rowid,) = connection.execute("SELECT last_insert_rowid()").fetchone()
            good = dict(connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", [rowid]).fetchone())
            try:
                connection.execute(f"UPDATE {table} SET {column} = {GARBAGE[kind]} WHERE rowid = ?", [rowid])
            except sqlite3.IntegrityError:  # a key that takes whole numbers only
                connection.execute(f"DELETE FROM {table} WHERE rowid = ?", [rowid])
                continue
            if column == key_there(table) and isinstance(good[column], int):
                (rowid,) = connection.execute(f"SELECT {GARBAGE[kind]}").fetchone()
            row = dict(connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", [rowid]).fetchone())
            yield Broken(table, column, kind, good, row)
