"""The cache of metadata: what was answered, until it expires."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storeroom.sql import Outcome
from storeroom_standalone import MetadataRecord, StandaloneRepository
from tests.standalone.helpers import DAY, LONG_AGO, is_recent

KEY = "tmdb:tv:1396"
LATER = datetime.now(UTC) + 2 * DAY


@pytest.mark.parametrize("response", [{"id": 1396, "tags": ["ä", None]}, [], {}, "text", 0, False, 1.5])
def test_what_was_saved_is_there(library: StandaloneRepository, response: Any) -> None:
    saved = library.metadata.save(KEY, "tmdb", response)
    assert library.metadata.cached(KEY) == response
    assert saved == MetadataRecord(
        cache_key=KEY,
        provider="tmdb",
        response=response,
        cached_at=saved.cached_at,
        expires_at=saved.cached_at + timedelta(days=30),
        version=1,
    )
    assert is_recent(saved.cached_at)
    assert library.metadata.cached("tmdb:tv:1397") is None


def test_saving_again_replaces_the_response_and_begins_its_time_anew(library: StandaloneRepository) -> None:
    library.metadata.add(cache_key=KEY, provider="old", response=[1], cached_at=LONG_AGO, expires_at=LONG_AGO)
    assert library.metadata.cached(KEY) is None
    saved = library.metadata.save(KEY, "tmdb", [2], ttl_days=0.5)
    assert (saved.provider, saved.response, saved.version) == ("tmdb", [2], 2)
    assert is_recent(saved.cached_at)
    assert saved.expires_at == saved.cached_at + timedelta(hours=12)
    assert library.metadata.cached(KEY) == [2]
    assert library.metadata.save(KEY, "tmdb", [2], ttl_days=0.5).version == 3


def test_what_has_expired_is_not_returned_and_still_there(library: StandaloneRepository) -> None:
    library.metadata.save("short", "tmdb", {}, ttl_days=1e-9)
    library.metadata.add(cache_key="over", provider="tmdb", response={}, expires_at=LONG_AGO)
    assert library.metadata.cached("short") is None
    assert library.metadata.cached("over") is None
    assert library.metadata.get("over").expires_at == LONG_AGO


def test_clearing_takes_the_expired_only_the_oldest_first(library: StandaloneRepository) -> None:
    for number in range(5):
        library.metadata.add(cache_key=f"{number}", provider="a", response={}, expires_at=LONG_AGO - DAY * number)
    library.metadata.save("fresh", "b", {})
    assert library.metadata.clear_expired(limit=2) == 2
    assert [each.cache_key for each in library.metadata.list(sort="-expires_at")] == ["fresh", "0", "1", "2"]
    assert [library.metadata.clear_expired() for _ in range(2)] == [3, 0]
    assert library.metadata.cached("fresh") == {}


def test_many_are_saved_at_once_for_so_many_days(library: StandaloneRepository) -> None:
    library.metadata.add(cache_key="2", provider="old", response=[2], cached_at=LONG_AGO, expires_at=LONG_AGO)
    items = [{"cache_key": f"{number}", "provider": "tmdb", "response": [number]} for number in range(4)]
    outcomes = library.metadata.upsert_many(items, ttl_days=7)
    inserted, updated = Outcome.INSERTED, Outcome.UPDATED
    assert outcomes == [inserted, inserted, updated, inserted]
    for number in range(4):
        saved = library.metadata.get(f"{number}")
        assert (saved.provider, saved.response, is_recent(saved.cached_at)) == ("tmdb", [number], True)
        assert abs(saved.expires_at - saved.cached_at - timedelta(days=7)) < timedelta(minutes=1)


def test_many_may_have_times_of_their_own(library: StandaloneRepository) -> None:
    item = {"cache_key": "a", "provider": "tmdb", "response": {"b": 1, "a": 2.0}, "expires_at": LATER}
    assert library.metadata.upsert_many([item]) == [Outcome.INSERTED]
    saved = library.metadata.get("a")
    assert saved.expires_at == LATER
    assert library.metadata.upsert_many([{**item, "response": {"a": 2, "b": 1.0}}]) == [Outcome.UNCHANGED]
    assert library.metadata.get("a") == saved
    assert library.metadata.upsert_many([{**item, "expires_at": LATER + DAY}]) == [Outcome.UPDATED]


def test_an_upsert_without_a_time_gets_the_usual_one_anew(library: StandaloneRepository) -> None:
    library.metadata.add(cache_key=KEY, provider="tmdb", response=[1], expires_at=LONG_AGO)
    assert library.metadata.cached(KEY) is None
    done = library.metadata.upsert(cache_key=KEY, provider="tmdb", response=[1])
    assert done.outcome is Outcome.UPDATED
    assert done.record.expires_at == done.record.cached_at + timedelta(days=30)
    assert library.metadata.cached(KEY) == [1]


def test_lists_are_by_provider(library: StandaloneRepository) -> None:
    for key, provider in [("b", "tmdb"), ("a", "tmdb"), ("c", "anilist")]:
        library.metadata.save(key, provider, {})
    assert [each.cache_key for each in library.metadata.list(provider="tmdb")] == ["a", "b"]
    assert library.metadata.count(expired_before=LATER) == 0
    assert library.metadata.count(expired_before=LATER + 365 * DAY) == 3
