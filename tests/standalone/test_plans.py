"""At 60,000 rows of each kind, each query finds its rows by an index, on both databases, and so does each change."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storeroom import Storeroom
from storeroom_standalone import Series, StandaloneRepository
from tests.support.dialects import spelled
from tests.support.plans import filled_room, indexes, plans, scans, sorts

pytestmark = pytest.mark.dear

ROWS = 60_000
NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last), "
    "made AS (SELECT n, {created} AS at FROM numbers) "
)
FILL = {
    "standalone_series": (
        "title, folder_path, tvdb_id, anilist_id, is_anime, episode_count, season_count, tmdb_id, imdb_id, poster_url, "
        "metadata_source, created_at, updated_at",
        "'Title ' || (n % 20000), '/media/' || n, n, n, n % 500 = 0, 1, 1, n, '', '', '', at, at",
    ),
    "standalone_movies": (
        "title, file_path, tmdb_id, imdb_id, poster_url, metadata_source, created_at, updated_at",
        "'Title ' || (n % 20000), '/media/' || n || '.mkv', n, '', '', '', at, at",
    ),
    "standalone_metadata": (
        "cache_key, provider, response, cached_at, expires_at",
        "'key ' || n, 'provider ' || (n % 100), '{{}}', at, at",
    ),
    "standalone_anidb": (
        "tvdb_id, anidb_id, series_title, created_at, last_used_at",
        "n, n % 20000 + 1, '', at, at",
    ),
}
CREATED = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d minutes', n))",
    "postgresql": "timestamptz '2026-01-01 00:00+00' + make_interval(mins => n)",
}

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

Query = Callable[[StandaloneRepository], object]


def key(table: str) -> set[str]:
    return {f"pk_standalone_{table}", f"sqlite_autoindex_standalone_{table}_1"}


def path(table: str, column: str) -> set[str]:
    return {f"uq_standalone_{table}_{column}", f"sqlite_autoindex_standalone_{table}_1"}


def second_page(part: str, **options: Any) -> Query:
    def query(library: StandaloneRepository) -> object:
        repository = getattr(library, part)
        return repository.page(after=repository.page(**options).next, **options).items

    return query


BY_AGE = {"ix_standalone_metadata_expires_at_cache_key"}
BY_USE = {"ix_standalone_anidb_last_used_at_tvdb_id"}
QUERIES: dict[str, tuple[Query, set[str]]] = {
    "series by title": (second_page("series"), {"ix_standalone_series_title_id"}),
    "series by title, last first": (second_page("series", sort="-title"), {"ix_standalone_series_title_id"}),
    "series by time": (second_page("series", sort="-created_at"), {"ix_standalone_series_created_at_id"}),
    "rare anime by title": (second_page("series", is_anime=True), {"ix_standalone_series_is_anime_title_id"}),
    "series by an id of TMDB": (lambda it: it.series.list(tmdb_id=7), {"ix_standalone_series_tmdb_id"}),
    "series by an id of TheTVDB": (lambda it: it.series.list(tvdb_id=7), {"ix_standalone_series_tvdb_id"}),
    "series by an id of AniList": (lambda it: it.series.list(anilist_id=7), {"ix_standalone_series_anilist_id"}),
    "series by path": (lambda it: it.series.by_path("/media/7"), path("series", "folder_path")),
    "movies by title": (second_page("movies"), {"ix_standalone_movies_title_id"}),
    "movies by time": (second_page("movies", sort="created_at"), {"ix_standalone_movies_created_at_id"}),
    "movies by an id of TMDB": (lambda it: it.movies.list(tmdb_id=7), {"ix_standalone_movies_tmdb_id"}),
    "movies by path": (lambda it: it.movies.by_path("/media/7.mkv"), path("movies", "file_path")),
    "responses by key": (second_page("metadata"), key("metadata")),
    "responses of a provider": (
        second_page("metadata", provider="provider 7"),
        {"ix_standalone_metadata_provider_cache_key"},
    ),
    "responses by expiry": (second_page("metadata", sort="expires_at"), BY_AGE),
    "a response": (lambda it: it.metadata.get("key 7"), key("metadata")),
    "what is cached": (lambda it: it.metadata.cached("key 59999") or True, key("metadata")),
    "expired responses": (lambda it: it.metadata.count(expired_before=NEW_YEAR + HOUR), BY_AGE),
    "prune responses": (lambda it: it.metadata.prune(NEW_YEAR + HOUR), BY_AGE),
    "clear responses": (lambda it: it.metadata.clear_expired(limit=10), BY_AGE),
    "mappings of an entry": (lambda it: it.mappings.list(anidb_id=7), {"ix_standalone_anidb_anidb_id_tvdb_id"}),
    "mappings by use": (second_page("mappings", sort="last_used_at"), BY_USE),
    "use a mapping": (lambda it: it.mappings.use(7), key("anidb")),
    "unused mappings": (lambda it: it.mappings.count(unused_since=NEW_YEAR + HOUR), BY_USE),
    "prune mappings": (lambda it: it.mappings.prune(NEW_YEAR + HOUR), BY_USE),
    "clear mappings": (lambda it: it.mappings.clear_unused(days=1, limit=10), BY_USE),
}

# What finds a few rows may sort them.
FEW = {what for what in QUERIES if " by an id of " in what or what == "mappings of an entry"}


def fill(connection: Connection) -> None:
    numbers = NUMBERS.format(created=spelled(connection, **CREATED))
    for table, (columns, values) in FILL.items():
        sql = f"INSERT INTO {table} ({columns}) {numbers} SELECT {values.format()} FROM made"
        connection.execute(text(sql), {"last": ROWS})


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, standalone_url: str) -> Iterator[Storeroom]:
    """The room with 60,000 rows in each table but the folders', few of which are old enough to go."""
    with filled_room(standalone_url, "standalone", Series.metadata, fill) as room:
        yield room


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans(uow, Series.metadata, lambda: query(uow[StandaloneRepository]))
    by_key = key("metadata") | key("anidb") if what.startswith(("prune", "clear")) else set()
    for plan in found:
        assert not scans(plan, Series.metadata.tables), plan
        assert not sorts(plan) or what in FEW, plan
    used = indexes(found)
    assert used & fitting, found
    assert used <= fitting | by_key, found
