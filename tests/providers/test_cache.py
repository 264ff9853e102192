"""The cache: one entry for a provider and a query, until it expires."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storeroom.errors import ValueRefused
from storeroom_providers import CacheCount, CacheStatistics, ProviderRepository, SearchCacheRepository, query_hash
from tests.providers.helpers import HOUR, cache_versions, expire

QUERY = {"title": "葬送のフリーレン", "season": 1, "languages": ["de", "fr"]}
FOUND = [{"id": 7, "name": "日本語", "score": 0.5}, None, [True, "x"]]


@pytest.fixture
def cache(providers: ProviderRepository) -> SearchCacheRepository:
    return providers.cache


def test_what_was_put_is_got_until_it_expires(providers: ProviderRepository, cache: SearchCacheRepository) -> None:
    cache.put("jimaku", QUERY, FOUND, ttl=HOUR)
    assert cache.get("jimaku", QUERY) == FOUND
    expire(providers, "jimaku")
    assert cache.get("jimaku", QUERY) is None
    cache.put("jimaku", QUERY, [1], ttl=HOUR)
    assert cache.get("jimaku", QUERY) == [1]


def test_a_time_to_live_begins_now_by_the_databases_clock(cache: SearchCacheRepository) -> None:
    cache.put("a", "q", [], ttl=HOUR)
    now = datetime.now(UTC)
    assert cache.count_expired(now + HOUR - timedelta(minutes=1)) == 0
    assert cache.count_expired(now + HOUR + timedelta(minutes=1)) == 1


def test_a_query_has_one_entry_whatever_the_order_of_its_keys(cache: SearchCacheRepository) -> None:
    cache.put("a", {"x": 1, "y": [2]}, ["old"], ttl=HOUR)
    cache.put("a", {"y": (2.0,), "x": 1.0}, ["new"], ttl=HOUR)
    assert cache.get("a", {"x": 1, "y": [2]}) == ["new"]
    assert cache_versions(ProviderRepository(cache.uow)) == [2]


def test_an_entry_is_of_one_provider_and_one_query(cache: SearchCacheRepository) -> None:
    cache.put("a", QUERY, [1], ttl=HOUR)
    cache.put("b", QUERY, [2], ttl=HOUR)
    cache.put("a", {**QUERY, "season": 2}, [3], ttl=HOUR)
    assert cache.get("a", QUERY) == [1]
    assert cache.get("b", QUERY) == [2]
    assert cache.get("b", {**QUERY, "season": 2}) is None


def test_no_results_are_a_result(cache: SearchCacheRepository) -> None:
    cache.put("a", QUERY, (), ttl=HOUR)
    assert cache.get("a", QUERY) == []


def test_a_programs_own_hash_is_kept_as_it_is(cache: SearchCacheRepository) -> None:
    own = "cfcd208495d565ef66e7dff9f98764da"
    cache.put("a", own, [1], ttl=HOUR)
    cache.put("a", QUERY, [2], ttl=HOUR)
    assert (query_hash(own), cache.get("a", own)) == (own, [1])
    assert cache.get("a", query_hash(QUERY)) == [2]
    assert len(query_hash(QUERY)) == 64


def test_statistics_tell_what_is_there_and_what_is_still_good(
    providers: ProviderRepository, cache: SearchCacheRepository
) -> None:
    assert cache.statistics() == CacheStatistics(total=0, active=0, by_provider={})
    for provider, entries in (("a", 1), ("b", 2), ("c", 3)):
        for number in range(entries):
            cache.put(provider, str(number), [], ttl=HOUR)
    expire(providers, "b")
    cache.put("b", "1", [], ttl=HOUR)
    expire(providers, "a")
    assert cache.statistics() == CacheStatistics(
        total=6,
        active=4,
        by_provider={
            "a": CacheCount(total=1, active=0),
            "b": CacheCount(total=2, active=1),
            "c": CacheCount(total=3, active=3),
        },
    )


def test_clearing_takes_one_provider_or_all(cache: SearchCacheRepository) -> None:
    for provider in ("a", "a", "b", "c"):
        cache.put(provider, str(cache.statistics().total), [], ttl=HOUR)
    assert cache.clear("a") == 2
    assert list(cache.statistics().by_provider) == ["b", "c"]
    assert cache.clear("a") == 0
    assert cache.clear() == 2
    assert cache.statistics().total == 0


def test_cleaning_up_takes_the_oldest_so_many_of_those_that_have_expired(
    providers: ProviderRepository, cache: SearchCacheRepository
) -> None:
    for provider, hours in (("old", 3), ("older", 4), ("oldest", 5)):
        cache.put(provider, "q", [], ttl=HOUR)
        expire(providers, provider, hours * HOUR)
    cache.put("good", "q", [], ttl=HOUR)
    assert cache.clean_up(limit=1) == 1
    assert list(cache.statistics().by_provider) == ["good", "old", "older"]
    assert cache.clean_up(before=datetime.now(UTC) - 3.5 * HOUR) == 1
    assert list(cache.statistics().by_provider) == ["good", "old"]
    assert [cache.clean_up(), cache.clean_up()] == [1, 0]
    assert list(cache.statistics().by_provider) == ["good"]


BAD: list[tuple[str, object, Callable[[SearchCacheRepository], object]]] = [
    ("provider", "", lambda cache: cache.put("", QUERY, [], ttl=HOUR)),
    ("provider", "a\0", lambda cache: cache.put("a\0", QUERY, [], ttl=HOUR)),
    ("query", "", lambda cache: cache.put("a", "", [], ttl=HOUR)),
    ("query", "x" * 201, lambda cache: cache.put("a", "x" * 201, [], ttl=HOUR)),
    ("query", "a\0", lambda cache: cache.put("a", "a\0", [], ttl=HOUR)),
    ("query", 7, lambda cache: cache.put("a", 7, [], ttl=HOUR)),  # type: ignore[arg-type]  # refused
    ("query", {"x": {1}}, lambda cache: cache.put("a", {"x": {1}}, [], ttl=HOUR)),
    ("results", None, lambda cache: cache.put("a", QUERY, None, ttl=HOUR)),  # type: ignore[arg-type]  # refused
    ("results", "[]", lambda cache: cache.put("a", QUERY, "[]", ttl=HOUR)),
    ("results", [{1}], lambda cache: cache.put("a", QUERY, [{1}], ttl=HOUR)),
    ("ttl", timedelta(0), lambda cache: cache.put("a", QUERY, [], ttl=timedelta(0))),
    ("ttl", 6, lambda cache: cache.put("a", QUERY, [], ttl=6)),  # type: ignore[arg-type]  # refused
    ("ttl", timedelta.max, lambda cache: cache.put("a", QUERY, [], ttl=timedelta.max)),
    ("provider", "", lambda cache: cache.get("", QUERY)),
    ("query", "", lambda cache: cache.get("a", "")),
    ("provider", "", lambda cache: cache.clear("")),
    ("limit", 0, lambda cache: cache.clean_up(limit=0)),
    ("limit", 10_001, lambda cache: cache.clean_up(limit=10_001)),
    (
        "before",
        datetime(2026, 1, 1),  # that is the point
        lambda cache: cache.clean_up(before=datetime(2026, 1, 1)),  # that is the point
    ),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value_and_changes_nothing(
    cache: SearchCacheRepository, field: str, value: object, work: Callable[[SearchCacheRepository], object]
) -> None:
    cache.put("a", QUERY, FOUND, ttl=HOUR)
    with pytest.raises(ValueRefused) as refusal:
        work(cache)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert str(refusal.value).startswith(f"{field}: ")
    assert cache.get("a", QUERY) == FOUND
    assert cache.statistics().total == 1
