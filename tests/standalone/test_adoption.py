"""What is read from another system's file: every column of it, what a row becomes, and what stands for a bad value."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Table, make_url

from storeroom import ModelRepository
from storeroom.adoption import Field, Mended, TableAdoption
from storeroom.operations.adopting.conversion import Converter
from storeroom.operations.adoption import TableReport
from storeroom_standalone import MediaType, StandaloneRepository
from storeroom_standalone.plugin import storeroom_adopt
from tests.standalone.helpers import is_recent

# The columns of a file of 2026-02, which has these besides: CURRENT_TIMESTAMP is text in UTC, without a zone.
SCHEMA = """
CREATE TABLE watched_folders (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, label TEXT DEFAULT '',
    media_type TEXT DEFAULT 'auto', enabled INTEGER DEFAULT 1, last_scan_at TEXT DEFAULT '',
    created_at TEXT NOT NULL DEFAULT (datetime('now')), updated_at TEXT NOT NULL DEFAULT (datetime('now')));
CREATE TABLE standalone_series (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER,
    folder_path TEXT NOT NULL UNIQUE, tmdb_id INTEGER, tvdb_id INTEGER, anilist_id INTEGER, imdb_id TEXT DEFAULT '',
    poster_url TEXT DEFAULT '', is_anime INTEGER DEFAULT 0, episode_count INTEGER DEFAULT 0,
    season_count INTEGER DEFAULT 0, metadata_source TEXT DEFAULT '',
    created_at TEXT NOT NULL DEFAULT (datetime('now')), updated_at TEXT NOT NULL DEFAULT (datetime('now')));
CREATE TABLE standalone_movies (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER,
    file_path TEXT NOT NULL UNIQUE, tmdb_id INTEGER, imdb_id TEXT DEFAULT '', poster_url TEXT DEFAULT '',
    metadata_source TEXT DEFAULT '', created_at TEXT NOT NULL DEFAULT (datetime('now')),
    updated_at TEXT NOT NULL DEFAULT (datetime('now')));
CREATE TABLE metadata_cache (cache_key TEXT PRIMARY KEY, provider TEXT NOT NULL, response_json TEXT NOT NULL,
    cached_at TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE anidb_mappings (tvdb_id INTEGER PRIMARY KEY, anidb_id INTEGER NOT NULL, series_title TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, last_used TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
"""
AT = "2026-11-22T07:37:44.966304"
THEN = datetime(2026, 11, 22, 7, 37, 44, 966304, tzinfo=UTC)

ROWS: Mapping[str, Mapping[str, Any]] = {
    "watched_folders": {"id": 3, "path": "/mnt/old drive/O'Brien's \"stuff\"", "label": "Old", "enabled": 0},
    "standalone_series": {
        "id": 5,
        "title": "Devilman Lady",
        "year": 1998,
        "folder_path": "/media/anime/Devilman Lady",
        "tmdb_id": 45610,
        "tvdb_id": 83309,
        "is_anime": 1,
        "episode_count": 26,
        "season_count": 1,
        "metadata_source": "anilist",
        "created_at": AT,
        "updated_at": AT,
    },
    "standalone_movies": {"id": 1, "title": "Blue Butterfly Fish", "file_path": "/media/b.mkv", "imdb_id": "tt1394259"},
    "metadata_cache": {
        "cache_key": "tmdb:tv:2",
        "provider": "tmdb",
        "response_json": '{"id": 2, "name": "Toradora!"}',
        "cached_at": AT,
        "expires_at": "2026-12-22T07:37:44.966304",
    },
    "anidb_mappings": {"tvdb_id": 70668, "anidb_id": 12140, "series_title": "Cardcaptor Sakura: Clear Card Hen"},
}
TABLES = {each.table: each for each in storeroom_adopt("sublarr")}


@pytest.fixture
def legacy() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript(SCHEMA)
        yield connection


def given(legacy: sqlite3.Connection, table: str, **changes: Any) -> dict[str, Any]:
    """The row of a table with some changes, as the other system's file has it."""
    values = {**ROWS[table], **changes}
    legacy.execute(f"DELETE FROM {table}")
    legacy.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", [*values.values()]
    )
    return dict(legacy.execute(f"SELECT * FROM {table}").fetchone())


def one(field: Field, row: Mapping[str, Any]) -> Any:
    """Read a field as its docstring says."""
    values = [row[source] for source in field.sources]
    if all(value in (None, "") for value in values) and not field.may_lack:
        return field.fallback()
    try:
        found = field.read(*values)
    except ValueError:
        return field.fallback()
    return found.value if isinstance(found, Mended) else found


def read(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    converter = Converter(TABLES[table], make_url("sqlite://").get_dialect()(), datetime.now(UTC))
    return converter.convert(row, "1", TableReport("standalone", table, "ours"))


def columns(adoption: TableAdoption) -> set[str]:
    return {column.name for column in cast("Table", adoption.model.__table__).columns}


def test_only_the_system_that_is_known_is_adopted() -> None:
    assert set(TABLES) == set(ROWS)
    assert storeroom_adopt("sonarr") == []


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_file_is_read_and_every_column_of_ours_is_filled(
    legacy: sqlite3.Connection, table: str
) -> None:
    adoption = TABLES[table]
    theirs = {row["name"] for row in legacy.execute(f"PRAGMA table_info({table})")}
    assert {source for field in adoption.fields.values() for source in field.sources} | set(adoption.left) == theirs
    assert columns(adoption) - set(adoption.fields) == {"version"}
    assert set(adoption.fields) <= columns(adoption)
    assert {*adoption.key, *adoption.identity} <= theirs
    assert set(adoption.unique) <= set(adoption.fields)
    assert all(adoption.fields[name].required for name in adoption.unique)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_becomes_one_of_ours(legacy: sqlite3.Connection, library: StandaloneRepository, table: str) -> None:
    values = read(table, given(legacy, table))
    parts: list[ModelRepository[Any, Any, Any]] = [
        library.folders,
        library.series,
        library.movies,
        library.metadata,
        library.mappings,
    ]
    (part,) = [each for each in parts if each.model is TABLES[table].model]
    stored = part.add(**values).model_dump()
    assert {name: stored[name] for name in values} == values
    assert stored["version"] == 1


def test_a_series_is_read_in_full(legacy: sqlite3.Connection) -> None:
    assert read("standalone_series", given(legacy, "standalone_series")) == {
        **{name: ROWS["standalone_series"].get(name) for name in TABLES["standalone_series"].fields},
        "is_anime": True,
        "created_at": THEN,
        "updated_at": THEN,
    }


def test_text_that_isnt_there_is_none_and_a_time_without_a_zone_is_utc(legacy: sqlite3.Connection) -> None:
    folder = read("watched_folders", given(legacy, "watched_folders", label="", created_at="2026-02-18 13:14:50"))
    assert folder["label"] is None
    assert folder["last_scan_at"] is None
    assert folder["created_at"] == datetime(2026, 2, 18, 13, 14, 50, tzinfo=UTC)
    assert (folder["media_type"], folder["enabled"]) == (MediaType.AUTO, False)
    mapping = read("anidb_mappings", given(legacy, "anidb_mappings"))
    assert is_recent(mapping["last_used_at"])  # CURRENT_TIMESTAMP


# In place of a column's value another one, and what it becomes; REQUIRED where the row is left out without it.
REQUIRED = object()
BAD: list[tuple[str, str, Any, Any]] = [
    ("watched_folders", "media_type", "film", MediaType.AUTO),
    ("watched_folders", "enabled", "yes", True),
    ("watched_folders", "path", "", REQUIRED),
    ("watched_folders", "path", "ä" * 1001, REQUIRED),
    ("standalone_series", "year", 0, None),
    ("standalone_series", "year", 20261, None),
    ("standalone_series", "tmdb_id", 0, None),
    ("standalone_series", "tvdb_id", -1, None),
    ("standalone_series", "anilist_id", 1 << 40, None),
    ("standalone_series", "episode_count", -1, 0),
    ("standalone_series", "season_count", None, 0),
    ("standalone_series", "title", "", "Devilman Lady"),
    ("standalone_series", "title", "x" * 3000, "Devilman Lady"),
    ("standalone_movies", "title", "", "b.mkv"),
    ("standalone_movies", "file_path", "", REQUIRED),
    ("metadata_cache", "response_json", '{"id": ', {}),
    ("metadata_cache", "provider", "", "unknown"),
    ("metadata_cache", "provider", "p" * 101, "unknown"),
    ("anidb_mappings", "tvdb_id", 0, REQUIRED),
    ("anidb_mappings", "anidb_id", 0, REQUIRED),
]


@pytest.mark.parametrize(("table", "column", "value", "expected"), BAD)
def test_a_value_that_means_nothing_becomes_one_that_does(
    legacy: sqlite3.Connection, table: str, column: str, value: Any, expected: Any
) -> None:
    row = given(legacy, table, **{column: value})
    (field,) = [each for each in TABLES[table].fields.values() if each.sources[0] == column]
    assert field.required == (expected is REQUIRED)
    assert one(field, row) == (None if expected is REQUIRED else expected)


def test_an_id_of_zero_is_none_and_no_mistake_but_where_it_is_the_key() -> None:
    assert TABLES["standalone_series"].fields["tmdb_id"].read(0) is None
    assert TABLES["standalone_movies"].fields["year"].read(0) is None
    for field in ("tvdb_id", "anidb_id"):
        with pytest.raises(ValueError, match="0 isn't from 1"):
            TABLES["anidb_mappings"].fields[field].read(0)


def test_a_time_to_live_that_isnt_known_is_over(legacy: sqlite3.Connection) -> None:
    assert is_recent(read("metadata_cache", given(legacy, "metadata_cache", expires_at="soon"))["expires_at"])


@pytest.mark.parametrize("table", TABLES)
def test_of_two_rows_that_are_the_same_the_newer_one_stays(legacy: sqlite3.Connection, table: str) -> None:
    times = {"metadata_cache": "cached_at", "anidb_mappings": "last_used"}
    prefer = TABLES[table].prefer
    assert prefer is not None
    early, late = (
        prefer(read(table, given(legacy, table, **{times.get(table, "updated_at"): f"2026-0{month}-01 00:00:00"})))
        for month in (1, 2)
    )
    assert early < late
