"""Taking over the tables of Sublarr that this plugin has a place for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from storeroom.adoption import Field, Mended, TableAdoption, computed, document, flag, moment, number, text, whole
from storeroom_providers.models import CacheEntry, Download, Statistics

Values = Mapping[str, Any]

_UNKNOWN = "unknown"
_RESULTS = document("results_json", kind=list, default=list)


def tables() -> Sequence[TableAdoption]:
    """Say how Sublarr's cache, history and statistics of providers become ours."""
    return [
        TableAdoption(
            table="provider_cache",
            model=CacheEntry,
            key=["id"],
            identity=["provider_name", "query_hash"],
            unique=["provider", "query_hash"],
            prefer=lambda values: values["cached_at"],
            fields={
                "id": whole("id"),
                "provider": text("provider_name", required=True),
                "query_hash": text("query_hash", required=True),
                "results": _RESULTS,
                "cached_at": moment("cached_at"),
                "expires_at": computed(_expires_at, "expires_at", *_RESULTS.sources),
            },
        ),
        TableAdoption(
            table="subtitle_downloads",
            model=Download,
            key=["id"],
            identity=["id", "provider_name", "subtitle_id", "downloaded_at"],
            fields={
                "id": whole("id"),
                "provider": text("provider_name", default=_UNKNOWN),
                "subtitle_id": text("subtitle_id"),
                "language": text("language"),
                "format": text("format"),
                "file_path": text("file_path", default=_UNKNOWN),
                "score": number("score", least=0),
                "subtitle_type": text("subtitle_type", default="full"),
                "downloaded_at": moment("downloaded_at"),
            },
        ),
        TableAdoption(
            table="provider_stats",
            model=Statistics,
            key=["provider_name"],
            unique=["provider"],
            combine=combined,
            fields={
                "provider": text("provider_name", required=True),
                "searches": whole("total_searches", default=0, least=0),
                "timed_searches": _counted("avg_response_time_ms", "total_searches", "searches were timed"),
                "average_response_ms": _average("avg_response_time_ms", "total_searches"),
                "last_response_ms": computed(_measured, "last_response_time_ms"),
                "successful_downloads": whole("successful_downloads", default=0, least=0),
                "failed_downloads": whole("failed_downloads", default=0, least=0),
                "scored_downloads": _counted("avg_score", "successful_downloads", "downloads were scored"),
                "average_score": _average("avg_score", "successful_downloads"),
                "consecutive_failures": whole("consecutive_failures", default=0, least=0),
                "last_success_at": moment("last_success_at"),
                "last_failure_at": moment("last_failure_at"),
                "disabled": flag("auto_disabled"),
                "disabled_until": computed(_disabled_until, "disabled_until", "auto_disabled"),
                "updated_at": moment("updated_at"),
            },
        ),
    ]


def combined(here: Values, there: Values) -> Values:
    """Return the statistics of a provider that has some here and there: both together.

    Counters are added, averages weighted by how many values they have, and of times the later one stands; what is
    present rather than counted is taken from whichever changed later.
    """
    earlier, later = sorted((here, there), key=lambda values: values["updated_at"])
    together = {name: here[name] + there[name] for name in _COUNTERS}
    for mean, count in _AVERAGES:
        together[mean] = _weighted([(each[mean], each[count]) for each in (here, there)])
    for name in _TIMES:
        together[name] = max((each[name] for each in (here, there) if each[name] is not None), default=None)
    last = later["last_response_ms"]
    together["last_response_ms"] = earlier["last_response_ms"] if last is None else last
    return {**there, **{name: later[name] for name in _PRESENT}, **together}


_COUNTERS = ("searches", "timed_searches", "successful_downloads", "failed_downloads", "scored_downloads")
_AVERAGES = (("average_response_ms", "timed_searches"), ("average_score", "scored_downloads"))
_TIMES = ("last_success_at", "last_failure_at", "updated_at")
_PRESENT = ("consecutive_failures", "disabled", "disabled_until")


def _weighted(parts: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(mean, count) for mean, count in parts if mean is not None and count]
    total = sum(count for _mean, count in known)
    return sum(mean * (count / total) for mean, count in known) if total else None


_LARGEST_COUNT = (1 << 63) - 1

# Sublarr writes 0 where it has no average.


def _measured(value: Any) -> float | None:
    return None if value in (None, "") else number("", least=0).read(value) or None


def _count(value: Any) -> int:
    return 0 if value in (None, "") else int(whole("", least=0, most=_LARGEST_COUNT).read(value))


def _average(mean: str, count: str) -> Field:
    """Read an average, which the row must also have values for."""

    def read(mean_value: Any, count_value: Any) -> float | None:
        found = _measured(mean_value)
        if found is not None and not _count(count_value):
            raise ValueError(f"{mean_value!r} is the average of no values")
        return found

    return computed(read, mean, count)


def _counted(mean: str, count: str, what: str) -> Field:
    """Read how many values an average has: as many as there may be, since the file doesn't say it."""

    def read(mean_value: Any, count_value: Any) -> int | Mended:
        if _measured(mean_value) is None or not (found := _count(count_value)):
            return 0
        return Mended(found, f"how many {what} isn't in the file; taken from {count}")

    return computed(read, mean, count, default=0)


def _expires_at(moment_value: Any, results: Any) -> datetime | None:
    """Read when an entry expires: one whose results can't be used does at once, and the next search brings them."""
    if results in (None, ""):
        raise ValueError("there are no results to keep")
    _RESULTS.read(results)
    return _at(moment_value)


def _disabled_until(until: Any, disabled: Any) -> datetime | None:
    if until in (None, "") or not flag("").read(disabled or 0):
        return None
    return _at(until)


def _at(value: Any) -> datetime | None:
    found: datetime | None = None if value in (None, "") else moment("").read(value)
    return found
