"""Real rows of a file that Sublarr wrote."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, file_path TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'queued', source_format TEXT DEFAULT '',
    output_path TEXT DEFAULT '', stats_json TEXT DEFAULT '{}', error TEXT DEFAULT '', force INTEGER DEFAULT 0,
    bazarr_context_json TEXT DEFAULT '', created_at TEXT NOT NULL, completed_at TEXT DEFAULT '',
    config_hash TEXT DEFAULT ''
);
CREATE TABLE daily_stats (
    date TEXT PRIMARY KEY, translated INTEGER DEFAULT 0, failed INTEGER DEFAULT 0, skipped INTEGER DEFAULT 0,
    by_format_json TEXT DEFAULT '{"ass": 0, "srt": 0}', by_source_json TEXT DEFAULT '{}'
);
"""

CONTEXT = '{"series": "x", "tags": ["a", "\\u00fc"]}'
NIEHIME = "/media/anime/Niehime to Kemono no Ou/Season 01/[Erai-raws] Niehime to Kemono no Ou - 04 [1080p]"
JOBS: Mapping[str, Row] = {
    "completed": {
        "id": "43357dd9",
        "file_path": f"{NIEHIME}.mkv",
        "status": "completed",
        "source_format": "srt",
        "output_path": f"{NIEHIME}.de.srt",
        "stats_json": '{"format": "srt", "lines": 197, "config_hash": "c81e728d9d4c"}',
        "error": "",
        "force": 0,
        "bazarr_context_json": CONTEXT,
        "created_at": "2025-12-20T20:46:43",
        "completed_at": "2025-12-20T20:40:54",
        "config_hash": "c81e728d9d4c",
    },
    "queued": {
        "id": "2ebee644",
        "file_path": "/media/anime/Cyborg Kuro-chan/Season 01/[EMBER] Cyborg Kuro-chan - 03 [1080p].mkv",
        "status": "queued",
        "source_format": "",
        "output_path": "",
        "stats_json": "{}",
        "error": "",
        "force": 0,
        "bazarr_context_json": "",
        "created_at": "2025-12-21T05:24:32",
        "completed_at": "",
        "config_hash": "",
    },
    "running": {
        "id": "8b727989",
        "file_path": "/media/anime/Kaibutsu-kun Demon no Ken/Season 01/[Judas] Kaibutsu-kun Demon no Ken - 06 "
        "[1080p].mkv",
        "status": "running",
        "source_format": "",
        "output_path": "",
        "stats_json": "{}",
        "error": "",
        "force": 0,
        "bazarr_context_json": "",
        "created_at": "2026-01-21T08:44:22",
        "completed_at": "",
        "config_hash": "",
    },
    "failed": {
        "id": "8a0a717f",
        "file_path": "/media/anime/Hana yori Dango (1997)/Season 01/[Judas] Hana yori Dango (1997) - 02 [1080p].mkv",
        "status": "failed",
        "source_format": "",
        "output_path": "",
        "stats_json": "{}",
        "error": "Ollama: connection refused",
        "force": 1,
        "bazarr_context_json": CONTEXT,
        "created_at": "2026-01-10T01:10:46",
        "completed_at": "2026-01-10T01:09:14",
        "config_hash": "",
    },
    "broken": {
        "id": "e4860cb0",
        "file_path": "/media/anime/Yumemiru Danshi wa Genjitsushugisha/Season 01/[EMBER] Yumemiru Danshi wa "
        "Genjitsushugisha - 04 [1080p].mkv",
        "status": "completed",
        "source_format": "",
        "output_path": "",
        "stats_json": "{broken",
        "error": "",
        "force": 0,
        "bazarr_context_json": "",
        "created_at": "2026-02-03T23:38:37",
        "completed_at": "2026-02-03T23:44:26",
        "config_hash": "",
    },
}
DAYS: Mapping[str, Row] = {
    "2026-02-17": {
        "date": "2026-02-17",
        "translated": 67,
        "failed": 0,
        "skipped": 0,
        "by_format_json": '{"ass": 38, "srt": 29}',
        "by_source_json": '{"embedded_ass": 17, "external_srt": 2}',
    },
    "2026-01-17": {
        "date": "2026-01-17",
        "translated": 8,
        "failed": 5,
        "skipped": 4,
        "by_format_json": '{"ass": 6, "srt": 2}',
        "by_source_json": '{"embedded_ass": 16, "external_srt": 0}',
    },
}
ROWS: Mapping[str, Mapping[str, Row]] = {"jobs": JOBS, "daily_stats": DAYS}


def write(path: Path) -> None:
    """Write a file with these rows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        for table, rows in ROWS.items():
            for row in rows.values():
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)
