"""What the verbs return."""

import datetime
from collections.abc import Mapping
from typing import TypedDict

from storeroom import AnyOf, Record


class ProviderStats(Record):
    """A provider's statistics, as they are at the time of asking.

    `disabled` is whether it is disabled now: a cool-down that has ended disables nothing, and `disabled_until` is None
    then. `disabled` without `disabled_until` lasts until somebody enables it. `consecutive_failures` counts searches
    and downloads. Averages are None while there is nothing in them.
    """

    provider: str
    searches: int
    search_failures: int
    timed_searches: int
    average_response_ms: float | None
    last_response_ms: float | None
    successful_downloads: int
    failed_downloads: int
    scored_downloads: int
    average_score: float | None
    consecutive_failures: int
    last_success_at: datetime.datetime | None
    last_failure_at: datetime.datetime | None
    disabled: bool
    disabled_until: datetime.datetime | None
    updated_at: datetime.datetime

    @property
    def search_success_rate(self) -> float | None:
        """The part of its searches that succeeded, from 0 to 1; None without any."""
        return (self.searches - self.search_failures) / self.searches if self.searches else None

    @property
    def download_success_rate(self) -> float | None:
        """The part of its downloads that succeeded, from 0 to 1; None without any."""
        downloads = self.successful_downloads + self.failed_downloads
        return self.successful_downloads / downloads if downloads else None


class CacheCount(Record):
    """How many entries the cache has, and how many of them haven't expired."""

    total: int
    active: int


class CacheStatistics(CacheCount):
    """The same of all providers, and of each."""

    by_provider: Mapping[str, CacheCount]


class DownloadRecord(Record):
    """A download. Text that isn't there is None."""

    id: int
    provider: str
    subtitle_id: str | None
    language: str | None
    format: str | None
    file_path: str
    score: float | None
    subtitle_type: str
    downloaded_at: datetime.datetime


class DownloadFilters(TypedDict, total=False):
    """What downloads can be asked for, in `where`: of several values any, and the rest together."""

    file_path: AnyOf[str]
    provider: AnyOf[str]
    since: datetime.datetime
    until: datetime.datetime


class DownloadCount(Record):
    """How many downloads the history has of a provider, and by format; None is for those without one."""

    provider: str
    total: int
    by_format: Mapping[str | None, int]
