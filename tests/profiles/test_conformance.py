"""The plugin passes the suite that every plugin passes."""

from storeroom import UnitOfWork
from storeroom.testing import Conformance, Race
from storeroom_profiles import ProfileRepository
from tests.profiles.helpers import make


def default(uow: UnitOfWork) -> int:
    (made,) = make(uow[ProfileRepository], "Deutsch")
    uow[ProfileRepository].set_default(made.id)
    return made.id


class TestProfiles(Conformance):
    plugin = "profiles"
    races = (
        Race(
            "one profile is the default, whoever sets it",
            prepare=default,
            act=lambda uow, profile: uow[ProfileRepository].set_default(profile),
            total=lambda uow, _: sum(each.is_default for each in uow[ProfileRepository].list()),
            each=0,
        ),
    )

    def sample(self, uow: UnitOfWork) -> None:
        profiles = uow[ProfileRepository]
        profile = default(uow)
        profiles.series.assign(1, profile)
        profiles.movies.assign(1, profile)
