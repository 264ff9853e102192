"""Statistics of providers: counters and averages, each record one statement, so that none is lost."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal_column, select, true

from storeroom import BaseRepository, Statement
from storeroom.errors import NotFound
from storeroom.sql import Rule, now, running_count, running_mean, upsert
from storeroom_providers.checks import checked_measure, checked_name
from storeroom_providers.models import stats
from storeroom_providers.records import ProviderStats

_ONE: ColumnElement[int] = literal_column("1")

# A cool-down that has ended disables nothing, whether anybody has cleared it or not. It can't be `unexpired`: SQLite
# from 3.38 on, and still 3.40.1, may take IS NULL for false in RETURNING, where a primary key is NOT NULL.
IS_DISABLED = and_(stats.c.disabled, func.coalesce(stats.c.disabled_until > now(), true()))
_PRESENT: dict[str, ColumnElement[Any]] = {
    "disabled": IS_DISABLED.label("disabled"),
    "disabled_until": case((IS_DISABLED, stats.c.disabled_until)).label("disabled_until"),
}
COLUMNS = [_PRESENT.get(name, stats.c[name]) for name in ProviderStats.model_fields]


def added(name: str) -> Rule:
    """Return the rule by which a counter grows."""
    return lambda old, new: old[name] + new[name]


def _mean(mean: str, count: str) -> dict[str, Rule]:
    """Return the rules of a running mean and of how many values it has; the given mean is the value, or NULL."""
    return {
        mean: lambda old, new: running_mean(old[mean], old[count], new[mean]),
        count: lambda old, new: running_count(old[count], new[mean]),
    }


def _record(rules: dict[str, Rule], *given: str, **values: Any) -> Statement:
    """Build the statement that counts something, or is the provider's first."""
    fields = ["provider", *given, *values]
    return Statement(upsert(stats, ["provider"], fields, rules).values(**values).returning(*COLUMNS))


_SUCCESS: dict[str, Any] = {"last_success_at": now(), "consecutive_failures": literal_column("0")}
_FAILURE: dict[str, Any] = {"last_failure_at": now(), "consecutive_failures": _ONE}

_SEARCH: dict[str, Rule] = {
    "searches": added("searches"),
    "last_response_ms": lambda old, new: func.coalesce(new.last_response_ms, old.last_response_ms),
    **_mean("average_response_ms", "timed_searches"),
}
_TIMES = ("last_response_ms", "average_response_ms", "timed_searches")
_FAILURES = {"consecutive_failures": added("consecutive_failures")}

SEARCH_SUCCEEDED = _record(_SEARCH, *_TIMES, searches=_ONE, **_SUCCESS)
SEARCH_FAILED = _record(
    {**_SEARCH, **_FAILURES, "search_failures": added("search_failures")},
    *_TIMES,
    searches=_ONE,
    search_failures=_ONE,
    **_FAILURE,
)
DOWNLOAD_SUCCEEDED = _record(
    {"successful_downloads": added("successful_downloads"), **_mean("average_score", "scored_downloads")},
    "average_score",
    "scored_downloads",
    successful_downloads=_ONE,
    **_SUCCESS,
)
DOWNLOAD_FAILED = _record(
    {"failed_downloads": added("failed_downloads"), **_FAILURES}, failed_downloads=_ONE, **_FAILURE
)

PROVIDER: ColumnElement[str] = bindparam("_provider", type_=stats.c.provider.type)
GET = Statement(select(*COLUMNS).where(stats.c.provider == PROVIDER))
ALL = Statement(select(*COLUMNS).order_by(stats.c.provider))
CLEAR = Statement(delete(stats).where(stats.c.provider == PROVIDER))


class StatisticsVerbs(BaseRepository):
    """The verbs of statistics.

    A provider's statistics begin with whatever is recorded of it first. However many record at once, nothing is lost,
    and an average is that of all the values that were given.
    """

    def record_search(self, provider: str, *, success: bool, response_ms: float | None = None) -> ProviderStats:
        """Count a search, and return the statistics as they are then; one statement.

        A success ends a row of failures, a failure makes it longer. With a response time, in milliseconds, it is the
        last one, and the average takes it in. Downloads are counted by themselves.
        Raises ValueRefused for a provider that is empty, and a time that is negative or not finite.
        """
        checked_name("provider", provider)
        checked_measure("response_ms", response_ms)
        return (SEARCH_SUCCEEDED if success else SEARCH_FAILED).records(
            self.uow,
            ProviderStats,
            provider=provider,
            last_response_ms=response_ms,
            average_response_ms=response_ms,
            timed_searches=int(response_ms is not None),
        )[0]

    def record_download(self, provider: str, *, score: float | None = None) -> ProviderStats:
        """Count a successful download, and return the statistics as they are then; one statement.

        It ends a row of failures. With a score, the average takes it in. The history is another thing: `downloads.log`.
        Raises ValueRefused for a provider that is empty, and a score that is negative or not finite.
        """
        checked_name("provider", provider)
        checked_measure("score", score)
        given = {"average_score": score, "scored_downloads": int(score is not None)}
        return DOWNLOAD_SUCCEEDED.records(self.uow, ProviderStats, provider=provider, **given)[0]

    def record_failed_download(self, provider: str) -> ProviderStats:
        """Count a failed download, which makes a row of failures longer; return the statistics; one statement.

        Raises ValueRefused for a provider that is empty.
        """
        checked_name("provider", provider)
        return DOWNLOAD_FAILED.records(self.uow, ProviderStats, provider=provider)[0]

    def get(self, provider: str) -> ProviderStats:
        """Return a provider's statistics; one statement. Raises NotFound where nothing was recorded of it."""
        found = self.get_or_none(provider)
        if found is None:
            raise NotFound(
                f"there are no statistics of provider {provider!r}: nothing was recorded of it; use get_or_none where "
                "they may be missing",
                repository=self.name,
                key=provider,
            )
        return found

    def get_or_none(self, provider: str) -> ProviderStats | None:
        """Return a provider's statistics, or None where nothing was recorded of it; one statement."""
        return GET.record(self.uow, ProviderStats, _provider=provider)

    def all(self) -> Sequence[ProviderStats]:
        """Return the statistics of all providers, in the order of their names; one statement."""
        return tuple(ALL.records(self.uow, ProviderStats))

    def clear(self, provider: str) -> bool:
        """Forget a provider's statistics, with what disables it, and tell whether there were any; one statement."""
        return CLEAR.affected(self.uow, _provider=provider) > 0
