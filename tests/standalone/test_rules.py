"""What the database itself doesn't let in, whoever writes."""

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import CheckFailed, ConstraintViolated, Duplicate, NullRefused

NOW = "'2026-01-01 00:00:00'"

FOLDER = {"path": "'/a'", "label": "''", "media_type": "'tv'", "enabled": "true", "created_at": NOW, "updated_at": NOW}
MOVIE = {
    "title": "'t'",
    "file_path": "'/a'",
    "imdb_id": "''",
    "poster_url": "''",
    "metadata_source": "''",
    "created_at": NOW,
    "updated_at": NOW,
}
SERIES = {name: value for name, value in MOVIE.items() if name != "file_path"} | {
    "folder_path": "'/a'",
    "is_anime": "true",
    "episode_count": "1",
    "season_count": "0",
}
METADATA = {"cache_key": "'k'", "provider": "'p'", "response": "'{}'", "cached_at": NOW, "expires_at": NOW}
MAPPING = {"tvdb_id": "1", "anidb_id": "1", "series_title": "''", "created_at": NOW, "last_used_at": NOW}

GOOD = {
    "standalone_folders": FOLDER,
    "standalone_series": SERIES,
    "standalone_movies": MOVIE,
    "standalone_metadata": METADATA,
    "standalone_anidb": MAPPING,
}

BAD: list[tuple[str, str, str]] = [
    ("standalone_folders", "path", "''"),
    ("standalone_folders", "media_type", "'film'"),
    *(("standalone_series", name, "''") for name in ("title", "folder_path")),
    *(("standalone_series", name, "0") for name in ("tmdb_id", "tvdb_id", "anilist_id")),
    *(("standalone_series", name, "-1") for name in ("episode_count", "season_count")),
    *((table, "year", year) for table in ("standalone_series", "standalone_movies") for year in ("1799", "10000")),
    *(("standalone_movies", name, "''") for name in ("title", "file_path")),
    ("standalone_movies", "tmdb_id", "0"),
    ("standalone_metadata", "cache_key", "''"),
    ("standalone_metadata", "provider", "''"),
    ("standalone_anidb", "tvdb_id", "0"),
    ("standalone_anidb", "anidb_id", "-1"),
]

MISSING = [
    ("standalone_folders", "path"),
    ("standalone_series", "title"),
    ("standalone_movies", "file_path"),
    ("standalone_metadata", "expires_at"),
    ("standalone_anidb", "tvdb_id"),
]


def insert(room: Storeroom, table: str, values: dict[str, str]) -> None:
    with room.write() as uow:
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
        uow.connection.execute(text(sql))


def refusal(room: Storeroom, table: str, values: dict[str, str]) -> ConstraintViolated:
    with pytest.raises(ConstraintViolated) as found:
        insert(room, table, values)
    with room.read() as uow:
        assert uow.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() in (0, 1)
    return found.value


@pytest.mark.parametrize(("table", "column", "value"), BAD)
def test_a_value_that_means_nothing_is_refused(room: Storeroom, table: str, column: str, value: str) -> None:
    found = refusal(room, table, {**GOOD[table], column: value})
    assert isinstance(found, CheckFailed)
    assert found.constraint == f"ck_{table}_{column}"


@pytest.mark.parametrize(("table", "column"), MISSING)
def test_a_value_that_is_needed_isnt_made_up(room: Storeroom, table: str, column: str) -> None:
    found = refusal(room, table, {name: value for name, value in GOOD[table].items() if name != column})
    assert isinstance(found, NullRefused)


@pytest.mark.parametrize("table", GOOD)
def test_a_key_is_there_once(room: Storeroom, table: str) -> None:
    insert(room, table, GOOD[table])
    assert isinstance(refusal(room, table, GOOD[table]), Duplicate)
