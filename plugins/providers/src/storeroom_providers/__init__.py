"""Search providers for Storeroom: a cache of results, the history of downloads, and statistics."""

from storeroom_providers.cache import Query, SearchCacheRepository, query_hash
from storeroom_providers.downloads import DownloadRepository
from storeroom_providers.records import (
    CacheCount,
    CacheStatistics,
    DownloadCount,
    DownloadFilters,
    DownloadRecord,
    ProviderStats,
)
from storeroom_providers.repository import ProviderRepository

__all__ = [
    "CacheCount",
    "CacheStatistics",
    "DownloadCount",
    "DownloadFilters",
    "DownloadRecord",
    "DownloadRepository",
    "ProviderRepository",
    "ProviderStats",
    "Query",
    "SearchCacheRepository",
    "query_hash",
]
