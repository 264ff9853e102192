"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_providers import ProviderRepository
from tests.providers.helpers import HOUR


class TestProviders(Conformance):
    plugin = "providers"
    races = (
        Race(
            "searches are counted",
            prepare=lambda uow: uow[ProviderRepository].record_search("a", success=True).provider,
            act=lambda uow, name: uow[ProviderRepository].record_search(name, success=True, response_ms=20.0),
            total=lambda uow, name: uow[ProviderRepository].get(name).searches,
        ),
        Race(
            "downloads are counted",
            prepare=lambda uow: uow[ProviderRepository].record_search("b", success=True).provider,
            act=lambda uow, name: uow[ProviderRepository].record_download(name, score=1.0),
            total=lambda uow, name: uow[ProviderRepository].get(name).successful_downloads,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        providers = uow[ProviderRepository]
        providers.record_search("a", success=True, response_ms=20.0)
        providers.cache.put("a", {"q": 1}, ["found"], ttl=HOUR)
        providers.downloads.log("a", file_path="/media/a.srt")
