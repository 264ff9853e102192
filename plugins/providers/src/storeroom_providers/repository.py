"""`ProviderRepository`: the statistics of providers, and the way to their cache and history."""

from storeroom_providers.cache import SearchCacheRepository
from storeroom_providers.disabling import DisablingVerbs
from storeroom_providers.downloads import DownloadRepository
from storeroom_providers.statistics import StatisticsVerbs


class ProviderRepository(StatisticsVerbs, DisablingVerbs):
    """Search providers: how they do, whether they are disabled, what they returned and what was downloaded.

    A provider is known by its name, and needs no creation.
    """

    name = "providers"

    @property
    def cache(self) -> SearchCacheRepository:
        """What searches found, until it expires."""
        return self.uow[SearchCacheRepository]

    @property
    def downloads(self) -> DownloadRepository:
        """The history of downloads."""
        return self.uow[DownloadRepository]
