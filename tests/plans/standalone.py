"""Series, movies, cached responses and mappings, few of which are old enough to go."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from storeroom import UnitOfWork
from storeroom_standalone import StandaloneRepository
from storeroom_standalone.upkeep import findings
from tests.plans.asking import Asked, Domain, Words

START = datetime(2024, 1, 1, tzinfo=UTC)
SOON = START + timedelta(minutes=5)

FILL = {
    "standalone_series": (
        "title, folder_path, tvdb_id, anilist_id, is_anime, episode_count, season_count, tmdb_id, imdb_id, poster_url, "
        "metadata_source, created_at, updated_at, version",
        "'Title ' || (n / 3), '/media/' || n, n + 1, n + 1, n % 500 = 0, 1, 1, n + 1, '', '', '', {at}, {at}, 1",
    ),
    "standalone_movies": (
        "title, file_path, tmdb_id, imdb_id, poster_url, metadata_source, created_at, updated_at, version",
        "'Title ' || (n / 3), '/media/' || n || '.mkv', n + 1, '', '', '', {at}, {at}, 1",
    ),
    "standalone_metadata": (
        "cache_key, provider, response, cached_at, expires_at, version",
        "'key ' || n, 'provider ' || (n / 100), '{{}}', {at}, {at}, 1",
    ),
    "standalone_anidb": (
        "tvdb_id, anidb_id, series_title, created_at, last_used_at, version",
        "n + 1, n / 3 + 1, 'Title ' || n, {at}, {at}, 1",
    ),
}


def fill(words: Words) -> Sequence[str]:
    at = words.after_start("n")
    return [
        f"INSERT INTO {table} ({columns}) {words.numbers} SELECT {values.format(at=at)} FROM numbers"
        for table, (columns, values) in FILL.items()
    ]


def of(uow: UnitOfWork) -> StandaloneRepository:
    return uow[StandaloneRepository]


def by_key(ask: Callable[[StandaloneRepository], object], *, hot: bool = False) -> Asked:
    return Asked(lambda uow: ask(of(uow)), hot=hot)


BY_AGE = ["ix_standalone_metadata_expires_at_cache_key"]
BY_USE = ["ix_standalone_anidb_last_used_at_tvdb_id"]
TITLES = {"text": "title 1", "tmdb_id": 7}

TEXT = "a text anywhere in another is found by reading"

STANDALONE = Domain(
    fill=fill,
    keys={
        "standalone.series": 7,
        "standalone.movies": 7,
        "standalone.metadata": "key 7",
        "standalone.mappings": 7,
    },
    values={
        "standalone.series": {**TITLES, "is_anime": True, "tvdb_id": 7, "anilist_id": 7},
        "standalone.movies": TITLES,
        "standalone.metadata": {"provider": "provider 7", "expired_before": SOON},
        "standalone.mappings": {"anidb_id": 7, "text": "9", "unused_since": SOON},
    },
    unindexed={
        "standalone.series": {"text": TEXT},
        "standalone.movies": {"text": TEXT},
        "standalone.mappings": {"text": TEXT},
    },
    small={"standalone_folders": "programs have a handful of them"},
    verbs={
        "standalone.series.by_path": by_key(lambda library: library.series.by_path("/media/7"), hot=True),
        "standalone.series.upsert": by_key(lambda library: library.series.upsert(folder_path="/media/7", title="T")),
        "standalone.series.update": by_key(lambda library: library.series.update(7, version=1, title="T")),
        "standalone.movies.by_path": by_key(lambda library: library.movies.by_path("/media/7.mkv")),
        "standalone.movies.upsert": by_key(lambda library: library.movies.upsert(file_path="/media/7.mkv", title="T")),
        "standalone.movies.update": by_key(lambda library: library.movies.update(7, version=1, title="T")),
        "standalone.metadata.cached": by_key(lambda library: library.metadata.cached("key 7") or True),
        "standalone.metadata.save": by_key(lambda library: library.metadata.save("key 7", "tmdb", [1]), hot=True),
        "standalone.metadata.upsert": by_key(
            lambda library: library.metadata.upsert(cache_key="key 7", provider="p", response=[1])
        ),
        "standalone.metadata.clear_expired": Asked(lambda uow: of(uow).metadata.clear_expired(limit=10), BY_AGE),
        "standalone.mappings.use": by_key(lambda library: library.mappings.use(7), hot=True),
        "standalone.mappings.save": by_key(lambda library: library.mappings.save(7, 9)),
        "standalone.mappings.clear_unused": Asked(lambda uow: of(uow).mappings.clear_unused(days=1, limit=10), BY_USE),
        "health": Asked(findings),
    },
    unasked={
        "standalone.folders.create": "it inserts",
        "standalone.folders.mark_scanned": "programs have a handful of folders",
        "standalone.metadata.upsert_many": "it finds its rows as upsert does, by the key",
    },
    accepted={
        "standalone.series.page of is_anime by created_at": "by the order, until there are enough",
        "standalone.series.page of is_anime by created_at, last first": "by the order, until there are enough",
        "standalone.metadata.page of expired_before": "by the keys; in the order of `expires_at` an index serves it",
        "health": "a report, which is asked for once in a while",
    },
)
