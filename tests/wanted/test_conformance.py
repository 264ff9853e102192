"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_wanted import WantedRepository
from tests.wanted.helpers import put


class TestWanted(Conformance):
    plugin = "wanted"
    races = (
        Race(
            "searches are counted",
            prepare=lambda uow: put(uow[WantedRepository]).id,
            act=lambda uow, key: uow[WantedRepository].mark_searched(key),
            total=lambda uow, key: uow[WantedRepository].get(key).search_count,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        put(uow[WantedRepository], "/media/a.mkv")
