"""The database itself refuses what no verb writes, whoever tries it."""

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import CheckFailed, ConstraintViolated, Duplicate, NullRefused
from storeroom_providers import ProviderRepository
from tests.providers.helpers import HOUR, run

STATS = "UPDATE providers_stats SET {}"
CACHE = (
    "INSERT INTO providers_cache (provider, query_hash, results, cached_at, expires_at) "
    "VALUES ('{}', '{}', '[]', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00')"
)
DOWNLOAD = (
    "INSERT INTO providers_downloads (provider, subtitle_id, language, format, file_path, score, subtitle_type, "
    "downloaded_at) VALUES ('{}', '', '', '', '{}', {}, 'full', '2026-01-01 00:00:00+00')"
)

BROKEN: dict[str, tuple[str, type[ConstraintViolated], str]] = {
    "a second entry for a query": (CACHE.format("a", "q"), Duplicate, ""),
    "an entry of nobody": (CACHE.format("", "q"), CheckFailed, "ck_providers_cache_key"),
    "an entry for nothing": (CACHE.format("a", ""), CheckFailed, "ck_providers_cache_key"),
    "a download of nobody": (DOWNLOAD.format("", "/", 1), CheckFailed, "ck_providers_downloads_provider"),
    "a download for no file": (DOWNLOAD.format("a", "", 1), CheckFailed, "ck_providers_downloads_file_path"),
    "a negative score": (DOWNLOAD.format("a", "/", -1), CheckFailed, "ck_providers_downloads_score"),
    "statistics of nobody": (STATS.format("provider = ''"), CheckFailed, "ck_providers_stats_provider"),
    "more failures than searches": (STATS.format("search_failures = 3"), CheckFailed, "ck_providers_stats_searches"),
    "more times than searches": (STATS.format("timed_searches = 3"), CheckFailed, "ck_providers_stats_searches"),
    "more scores than downloads": (STATS.format("scored_downloads = 3"), CheckFailed, "ck_providers_stats_downloads"),
    "negative failures": (STATS.format("failed_downloads = -1"), CheckFailed, "ck_providers_stats_downloads"),
    "an average of no times": (STATS.format("timed_searches = 0"), CheckFailed, "ck_providers_stats_timed"),
    "no average of times": (STATS.format("average_response_ms = NULL"), CheckFailed, "ck_providers_stats_timed"),
    "an average of no scores": (STATS.format("scored_downloads = 0"), CheckFailed, "ck_providers_stats_scored"),
    "no average of scores": (STATS.format("average_score = NULL"), CheckFailed, "ck_providers_stats_scored"),
    "a negative average": (STATS.format("average_score = -1"), CheckFailed, "ck_providers_stats_score"),
    "a negative time": (STATS.format("last_response_ms = -1"), CheckFailed, "ck_providers_stats_response_ms"),
    "a negative row of failures": (
        STATS.format("consecutive_failures = -1"),
        CheckFailed,
        "ck_providers_stats_consecutive_failures",
    ),
    "a cool-down of one that isn't disabled": (
        STATS.format("disabled_until = '2026-01-01 00:00:00+00'"),
        CheckFailed,
        "ck_providers_stats_disabled_until",
    ),
    "a count that isn't there": (STATS.format("searches = NULL"), NullRefused, ""),
}


@pytest.fixture
def used_room(room: Storeroom) -> Storeroom:
    """A room with a provider that has something of everything."""

    def use(providers: ProviderRepository) -> None:
        providers.record_search("a", success=True, response_ms=1)
        providers.record_download("a", score=1)
        providers.cache.put("a", "q", [], ttl=HOUR)

    run(room, use)
    return room


@pytest.mark.parametrize("what", BROKEN)
def test_the_database_holds_the_rule(used_room: Storeroom, what: str) -> None:
    statement, error, constraint = BROKEN[what]
    with pytest.raises(error) as refusal, used_room.write() as uow:
        uow.connection.execute(text(statement))
    if error is CheckFailed:
        assert refusal.value.constraint == constraint
