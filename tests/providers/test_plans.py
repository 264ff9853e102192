"""At 60,000 entries and 60,000 downloads, each query finds its rows by an index, on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storeroom import Storeroom
from storeroom.testing import requires
from storeroom_providers import ProviderRepository
from storeroom_providers.models import stats
from tests.providers.helpers import HOUR
from tests.support.dialects import spelled
from tests.support.plans import filled_room, indexes, plans, scans

pytestmark = pytest.mark.dear

ROWS = 60_000
FOLDER = "/media/anime/A title as long as they are/Season 01/"
NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last), "
    "made AS (SELECT n, {at} AS at FROM numbers)"
)
FILL = (
    "INSERT INTO providers_cache (provider, query_hash, results, cached_at, expires_at, version) "
    f"{NUMBERS} SELECT 'provider' || (n % 20), 'query' || n, '[\"subtitle\"]', at, at, 1 FROM made",
    "INSERT INTO providers_downloads (provider, subtitle_id, language, format, file_path, subtitle_type, downloaded_at)"
    f" {NUMBERS} SELECT 'provider' || (n % 20), '', 'de', 'ass', '{FOLDER}' || (n % 30000) || '.mkv', 'full', at "
    "FROM made",
    "INSERT INTO providers_stats (provider, searches, search_failures, timed_searches, successful_downloads, "
    f"failed_downloads, scored_downloads, consecutive_failures, disabled, updated_at, version) {NUMBERS} "
    "SELECT 'provider' || n, 9, 9, 0, 0, 0, 0, 9, false, at, 1 FROM made",
)
# The first half of the entries has expired long since; the others haven't for long.
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d seconds', n), "
    "CASE WHEN n >= 30000 THEN '+100 years' ELSE '+0 years' END)",
    "postgresql": "timestamptz '2026-01-01 00:00+00' + make_interval(secs => n) "
    "+ CASE WHEN n >= 30000 THEN interval '100 years' ELSE interval '0' END",
}

BY_ID = {"pk_providers_cache", "pk_providers_downloads", "INTEGER PRIMARY KEY"}
CACHE_KEY = {"uq_providers_cache_provider_query_hash", "sqlite_autoindex_providers_cache_1"}
BY_EXPIRY, BY_PROVIDER = "ix_providers_cache_expires_at_id", "ix_providers_cache_provider_expires_at"
STATS_KEY = {"pk_providers_stats", "sqlite_autoindex_providers_stats_1"}
NEWEST, OF_PROVIDER = "ix_providers_downloads_downloaded_at_id", "ix_providers_downloads_provider_downloaded_at_id"
OF_FILE, FORMATS = "ix_providers_downloads_file_path", "ix_providers_downloads_provider_format"

FILE = f"{FOLDER}7.mkv"
# They count every row: PostgreSQL reads the table or an index, as the table's size and its last VACUUM are.
WHOLE = {"cache.statistics", "downloads.counts"}

START = datetime(2026, 1, 1, tzinfo=UTC)


def put(providers: ProviderRepository) -> object:
    providers.cache.put("provider1", "query1", [], ttl=HOUR)
    return providers.cache.get("provider1", "query1") == []


def second_page(providers: ProviderRepository, **filters: Any) -> object:
    downloads = providers.downloads
    return downloads.page(after=downloads.page(**filters).next, **filters).items


QUERIES: dict[str, tuple[Callable[[ProviderRepository], object], set[str]]] = {
    "cache.put": (put, CACHE_KEY),
    "cache.get": (lambda each: each.cache.get("provider1", "query40001"), CACHE_KEY),
    "cache.statistics": (lambda each: each.cache.statistics().total, {BY_PROVIDER}),
    "cache.clear": (lambda each: each.cache.clear("provider2"), {BY_PROVIDER, *CACHE_KEY}),
    "cache.clean_up": (lambda each: each.cache.clean_up(limit=100), {BY_EXPIRY, *BY_ID}),
    "cache.clean_up before": (
        lambda each: each.cache.clean_up(before=START + HOUR, limit=100),
        {BY_EXPIRY, *BY_ID},
    ),
    "cache.count_expired": (lambda each: each.cache.count_expired(START + HOUR), {BY_EXPIRY}),
    "downloads.page": (second_page, {NEWEST}),
    "downloads.page of a provider": (lambda each: second_page(each, provider="provider3"), {OF_PROVIDER, NEWEST}),
    "downloads.list of a file": (lambda each: each.downloads.list(file_path=FILE, limit=100), {OF_FILE}),
    "downloads.counts": (lambda each: each.downloads.counts(), {FORMATS}),
    "downloads.prune": (
        lambda each: each.downloads.prune(START + timedelta(minutes=1)),
        {NEWEST, *BY_ID},
    ),
    "record_search": (lambda each: each.record_search("provider1", success=True), STATS_KEY),
    "get": (lambda each: each.get("provider1"), STATS_KEY),
    "is_disabled": (lambda each: not each.is_disabled("provider1"), STATS_KEY),
    "disable_if_failing": (lambda each: each.disable_if_failing("provider3", threshold=3), STATS_KEY),
    "enable": (lambda each: each.enable("provider4"), STATS_KEY),
}


def fill(connection: Connection) -> None:
    for sql in FILL:
        connection.execute(text(sql.format(at=spelled(connection, **AT))), {"last": ROWS - 1})


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, providers_url: str) -> Iterator[Storeroom]:
    """The room with so many of everything in it."""
    with filled_room(providers_url, "providers", stats.metadata, fill) as room:
        yield room


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans(uow, stats.metadata, lambda: query(uow[ProviderRepository]))
        may_scan = what in WHOLE and requires.planner_statistics.met_by(uow)
    for plan in found:
        assert may_scan or not scans(plan, stats.metadata.tables), plan
    used = indexes(found)
    assert used <= fitting, found
    # Of an upsert, SQLite's plan is empty; PostgreSQL names the index by which it finds its row.
    assert used or may_scan or what in ("cache.put", "record_search"), found
