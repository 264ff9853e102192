"""What this plugin brings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from storeroom import Finding, Manifest, Retention, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_providers import adoption
from storeroom_providers.cache import SearchCacheRepository
from storeroom_providers.downloads import DownloadRepository
from storeroom_providers.health import health
from storeroom_providers.history import history
from storeroom_providers.models import Base
from storeroom_providers.repository import ProviderRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repositories of providers."""
    return Manifest(
        models=Base,
        migrations="storeroom_providers.migrations",
        repositories=[ProviderRepository, SearchCacheRepository, DownloadRepository],
    )


@hookimpl
def storeroom_prune() -> Sequence[Retention]:
    """Let expired entries of the cache go at once, and downloads after ten years."""
    return [
        Retention(
            name="providers.cache",
            rows="expired search results",
            age=timedelta(0),
            count=lambda uow, before: uow[SearchCacheRepository].count_expired(before),
            prune=lambda uow, before, limit: uow[SearchCacheRepository].clean_up(before=before, limit=limit),
        ),
        Retention(
            name="providers.downloads",
            rows="downloads of the history",
            age=timedelta(days=3650),
            count=lambda uow, before: uow[DownloadRepository].count(until=before),
            prune=lambda uow, before, limit: uow[DownloadRepository].prune(before, limit=limit),
        ),
    ]


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Name the providers that are disabled, and those that fail often."""
    return health(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the tables of Sublarr."""
    return adoption.tables() if system == "sublarr" else ()


@hookimpl(optionalhook=True)
def wanted_history(uow: Work, file_path: str) -> Sequence[Mapping[str, Any]]:
    """Tell the plugin `wanted` what was downloaded for a file."""
    return history(uow, file_path)
