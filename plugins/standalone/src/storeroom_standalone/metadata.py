"""`MetadataRepository`: what providers of metadata answered, kept until it expires."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from storeroom import Filter, ModelRepository, below, equals
from storeroom.checks import checked_number, refusal
from storeroom.sql import Outcomes, Rule
from storeroom_standalone import statements
from storeroom_standalone.checks import MOST_ROWS, checked_days
from storeroom_standalone.models import TTL_DAYS, Metadata
from storeroom_standalone.records import MetadataFilters, MetadataRecord


class MetadataRepository(ModelRepository[Metadata, MetadataRecord, MetadataFilters]):
    """Answers by a key of the caller's, such as "tmdb:tv:1396".

    `cached` is what programs ask. The verbs of every repository (`get`, `list` …) show the rows, expired or not.
    All times are the database's.
    """

    name = "standalone.metadata"
    filters: ClassVar[Mapping[str, Filter]] = {"provider": equals("provider"), "expired_before": below("expires_at")}
    sorts = ("expires_at",)
    conflict_key = ("cache_key",)
    # Saved without a time to live, it gets the usual one anew.
    conflict_rules: ClassVar[Mapping[str, Rule]] = {"expires_at": lambda _old, new: new.expires_at}
    prune_by = "expires_at"

    def cached(self, cache_key: str) -> Any:
        """Return the response with this key, unless it has expired, or None; one statement."""
        return statements.CACHED.scalar(self.uow, _cache_key=cache_key)

    def save(self, cache_key: str, provider: str, response: Any, *, ttl_days: float = TTL_DAYS) -> MetadataRecord:
        """Keep a response for so many days from now, in place of the one with this key; one statement.

        Returns it as stored; the time to live begins anew also where the response is the same. `response` is any JSON
        value but null. Raises ValueRefused for an empty key or provider, a response that isn't JSON, and for
        `ttl_days` unless more than 0 and at most 36,500.
        """
        duration = checked_days("ttl_days", ttl_days)
        if response is None:
            raise refusal("response", response, "is no response; give a JSON value, such as {} or [] for an empty one")
        given = {"cache_key": cache_key, "provider": provider, "response": response, "seconds": duration}
        return statements.SAVE.records(self.uow, MetadataRecord, **given)[0]

    def upsert_many(self, items: Iterable[Mapping[str, Any]], *, ttl_days: float = TTL_DAYS) -> Outcomes:
        """Keep many responses for so many days from now, and return their outcomes in order; all or none.

        Items name `cache_key`, `provider` and `response`, or their own `expires_at` as well. One statement for the
        database's clock, and those of every `upsert_many`. Since the time to live begins anew, a response that was
        there is UPDATED; with an `expires_at` of its own it may be UNCHANGED.
        Raises as every `upsert_many`, and ValueRefused for `ttl_days` as `save`.
        """
        expires_at = statements.EXPIRY.scalar(self.uow, seconds=checked_days("ttl_days", ttl_days))
        return super().upsert_many({"expires_at": expires_at, **item} for item in items)

    def clear_expired(self, *, limit: int = 1000) -> int:
        """Delete responses that have expired, the oldest `limit` of them, and return how many; one statement.

        `room.drain` calls it until there are none. Raises ValueRefused unless `limit` is from 1 to 10,000.
        """
        return statements.CLEAR_EXPIRED.affected(self.uow, limit=checked_number("limit", limit, most=MOST_ROWS))
