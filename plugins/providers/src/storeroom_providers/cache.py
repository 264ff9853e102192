"""`SearchCacheRepository`: what searches found, until it expires."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias, cast

from sqlalchemy import ColumnElement, Delete, bindparam, case, delete, func, literal_column, select

from storeroom import BaseRepository, Statement
from storeroom.checks import checked_number, checked_seconds
from storeroom.errors import ValueRefused
from storeroom.sql import Int, Real, UTCDateTime, among, canonical_json, expired, from_now, now, unexpired, upsert
from storeroom_providers.checks import checked_name, checked_results
from storeroom_providers.models import cache
from storeroom_providers.records import CacheCount, CacheStatistics

Query: TypeAlias = str | Mapping[str, Any]
"""What was searched for: a JSON object, of which a hash is kept, or text, which is kept as it is."""

_KEY = ["provider", "query_hash"]
_PROVIDER: ColumnElement[str] = bindparam("provider", type_=cache.c.provider.type)
_QUERY_HASH: ColumnElement[str] = bindparam("query_hash", type_=cache.c.query_hash.type)
_LIMIT: ColumnElement[int] = bindparam("limit", type_=Int())
_BEFORE: ColumnElement[datetime] = bindparam("before", type_=UTCDateTime())

PUT = Statement(
    upsert(cache, _KEY, [*_KEY, "results", "cached_at", "expires_at"]).values(
        cached_at=now(), expires_at=from_now(bindparam("ttl", type_=Real()))
    )
)
GET = Statement(
    select(cache.c.results).where(
        cache.c.provider == _PROVIDER, cache.c.query_hash == _QUERY_HASH, unexpired(cache.c.expires_at)
    )
)
COUNT = Statement(
    select(
        cache.c.provider,
        func.count().label("total"),
        func.count(case((unexpired(cache.c.expires_at), literal_column("1")))).label("active"),
    )
    .group_by(cache.c.provider)
    .order_by(cache.c.provider)
)
CLEAR = Statement(delete(cache))
CLEAR_ONE = Statement(delete(cache).where(cache.c.provider == _PROVIDER))


def _clean_up(at: ColumnElement[Any] | None = None) -> Delete:
    oldest = select(cache.c.id).where(expired(cache.c.expires_at, at)).order_by(cache.c.expires_at, cache.c.id)
    return delete(cache).where(among(cache.c.id, oldest.limit(_LIMIT).with_for_update(skip_locked=True)))


CLEAN_UP = Statement(_clean_up())
CLEAN_UP_BEFORE = Statement(_clean_up(_BEFORE))
COUNT_EXPIRED = Statement(select(func.count()).where(expired(cache.c.expires_at, _BEFORE)))


def query_hash(query: Query) -> str:
    """Return what a query is kept by: the SHA-256 of its canonical JSON, or the text that it is.

    Equal objects have one hash, whatever the order of their keys. Raises ValueRefused for what is neither, is empty,
    isn't JSON, or is text of more than 200 characters.
    """
    if not isinstance(query, Mapping):
        return checked_name("query", query)
    try:
        text = canonical_json(dict(query))
    except ValueError as error:
        raise ValueRefused(f"query: {error}; use plain JSON values", field="query", value=query) from None
    return hashlib.sha256(text.encode()).hexdigest()


class SearchCacheRepository(BaseRepository):
    """What providers returned for queries: one entry for a provider and a query, until it expires.

    All times are the database's, so that machines whose clocks differ agree.
    """

    name = "providers.cache"

    def put(self, provider: str, query: Query, results: Sequence[Any], *, ttl: timedelta) -> None:
        """Keep what a provider returned for a query, so long, in place of what was kept before; one statement.

        Raises ValueRefused for a provider or query that is empty, results that aren't a list of JSON values, and a
        time to live that isn't from 1 ms to ten years.
        """
        PUT.affected(
            self.uow,
            provider=checked_name("provider", provider),
            results=checked_results("results", results),
            query_hash=query_hash(query),
            ttl=checked_seconds("ttl", ttl),
        )

    def get(self, provider: str, query: Query) -> Sequence[Any] | None:
        """Return what a provider returned for a query; None where nothing is kept, or it has expired. One statement.

        An empty list is a result: the provider had nothing. Raises ValueRefused as `put` does.
        """
        checked_name("provider", provider)
        return cast("Sequence[Any] | None", GET.scalar(self.uow, provider=provider, query_hash=query_hash(query)))

    def statistics(self) -> CacheStatistics:
        """Count the entries, and those that haven't expired, of all providers and of each; one statement."""
        by_provider = {row.provider: CacheCount(total=row.total, active=row.active) for row in COUNT.all(self.uow)}
        counts = by_provider.values()
        total, active = sum(each.total for each in counts), sum(each.active for each in counts)
        return CacheStatistics(total=total, active=active, by_provider=by_provider)

    def clear(self, provider: str | None = None) -> int:
        """Delete what is kept of a provider, or of all, expired or not, and return how many entries; one statement.

        Raises ValueRefused for a provider that is empty.
        """
        if provider is None:
            return CLEAR.affected(self.uow)
        checked_name("provider", provider)
        return CLEAR_ONE.affected(self.uow, provider=provider)

    def clean_up(self, *, before: datetime | None = None, limit: int = 1000) -> int:
        """Delete entries that have expired, now or before a time, the oldest `limit` of them; one statement.

        Returns how many: `room.drain` calls it until there are none. Entries that others are writing are left for the
        next time. Raises ValueRefused for a time without a zone, and a limit that isn't from 1 to 10,000.
        """
        checked_number("limit", limit, most=10_000)
        if before is None:
            return CLEAN_UP.affected(self.uow, limit=limit)
        return CLEAN_UP_BEFORE.affected(self.uow, before=before, limit=limit)

    def count_expired(self, before: datetime) -> int:
        """Count the entries that `clean_up` would delete; one statement. Raises ValueRefused as it does."""
        return cast("int", COUNT_EXPIRED.scalar(self.uow, before=before))
