"""Cached answers, half of them expired, downloads of 400 providers, and the statistics of a hundred."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from storeroom import UnitOfWork
from storeroom_providers import ProviderRepository
from storeroom_providers.health import health
from storeroom_providers.history import history
from tests.plans.asking import MANY, Asked, Domain, Words
from tests.providers.helpers import HOUR

FOLDER = "/media/anime/A title as long as they are/Season 01/"
FILE = f"{FOLDER}7.mkv"
START = datetime(2024, 1, 1, tzinfo=UTC)


def fill(words: Words) -> Sequence[str]:
    at = words.after_start("n")
    # The first half of the entries has expired long since; the others haven't for long.
    expires = words.after_start(f"n + CASE WHEN n >= {words.rows // 2} THEN 3000000000 ELSE 0 END")
    return [
        "INSERT INTO providers_cache (provider, query_hash, results, cached_at, expires_at, version) "
        f"{words.numbers} SELECT 'provider' || (n / 100), 'query' || n, '[\"subtitle\"]', {at}, {expires}, 1 "
        "FROM numbers",
        "INSERT INTO providers_downloads (provider, subtitle_id, language, format, file_path, subtitle_type, "
        f"downloaded_at) {words.numbers} SELECT 'provider' || (n % 400), '', 'de', 'ass', "
        f"'{FOLDER}' || (n / 2) || '.mkv', 'full', {at} FROM numbers",
        "INSERT INTO providers_stats (provider, searches, search_failures, timed_searches, successful_downloads, "
        "failed_downloads, scored_downloads, consecutive_failures, disabled, updated_at, version) "
        f"{words.numbers} SELECT 'provider' || n, 9, 9, 0, 0, 0, 0, 9, false, {at}, 1 FROM numbers WHERE n < 100",
    ]


def of(uow: UnitOfWork) -> ProviderRepository:
    return uow[ProviderRepository]


def by_key(ask: Callable[[ProviderRepository], object], *, hot: bool = False) -> Asked:
    return Asked(lambda uow: ask(of(uow)), hot=hot)


def put(providers: ProviderRepository) -> object:
    providers.cache.put("provider1", "query100", [], ttl=HOUR)
    return providers.cache.get("provider1", "query100") == []


def disable(providers: ProviderRepository) -> object:
    providers.disable("provider1", cooldown=HOUR)
    return providers.is_disabled("provider1")


def disabled(providers: ProviderRepository) -> object:
    providers.disable("provider1")
    return providers.disabled()


BY_EXPIRY = "ix_providers_cache_expires_at_id"
OF_FILE = "ix_providers_downloads_file_path"

PROVIDERS = Domain(
    fill=fill,
    keys={"providers.downloads": 7},
    values={
        "providers.downloads": {
            "file_path": FILE,
            "provider": "provider3",
            "since": START + timedelta(seconds=MANY - 600),
            "until": START + timedelta(minutes=5),
        }
    },
    verbs={
        "providers.record_search": by_key(lambda each: each.record_search("provider1", success=True), hot=True),
        "providers.record_download": by_key(lambda each: each.record_download("provider1")),
        "providers.record_failed_download": by_key(lambda each: each.record_failed_download("provider1")),
        "providers.get": by_key(lambda each: each.get("provider1")),
        "providers.get_or_none": by_key(lambda each: each.get_or_none("provider1")),
        "providers.clear": by_key(lambda each: each.clear("provider1")),
        "providers.is_disabled": by_key(lambda each: not each.is_disabled("provider1"), hot=True),
        "providers.disable": by_key(disable),
        "providers.disable_if_failing": by_key(lambda each: each.disable_if_failing("provider3", threshold=3)),
        "providers.enable": by_key(lambda each: each.enable("provider4")),
        "providers.all": by_key(lambda each: each.all()),
        "providers.disabled": by_key(disabled),
        "providers.cache.put": by_key(put, hot=True),
        "providers.cache.get": by_key(lambda each: each.cache.get("provider1999", "query199999")),
        "providers.cache.statistics": by_key(lambda each: each.cache.statistics().total),
        "providers.cache.clear of one": Asked(lambda uow: of(uow).cache.clear("provider2")),
        "providers.cache.clean_up": Asked(lambda uow: of(uow).cache.clean_up(limit=50), [BY_EXPIRY]),
        "providers.cache.clean_up before": Asked(
            lambda uow: of(uow).cache.clean_up(before=START + HOUR, limit=50), [BY_EXPIRY]
        ),
        "providers.cache.count_expired": Asked(
            lambda uow: of(uow).cache.count_expired(START + timedelta(minutes=10)), [BY_EXPIRY]
        ),
        "providers.downloads.counts": by_key(lambda each: each.downloads.counts()),
        "history of a file": Asked(lambda uow: history(uow, FILE), [OF_FILE]),
        "health": Asked(health),
    },
    unasked={"providers.downloads.log": "it inserts"},
    small={"providers_stats": "programs have dozens of providers at most"},
    accepted={
        "providers.cache.statistics": "it counts all, and PostgreSQL reads the table or an index for it",
        "providers.downloads.counts": "it counts all, and PostgreSQL reads the table or an index for it",
    },
)
