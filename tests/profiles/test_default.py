"""Which profile is the default one, and what stands in for it."""

from collections.abc import Callable

import pytest

from storeroom import Storeroom
from storeroom.errors import NotFound
from storeroom_profiles import ProfileRecord, ProfileRepository, ProfileValues
from tests.profiles.helpers import ANY, make, run

SETTINGS = ProfileValues(name="Settings", **ANY)

# Whoever asks for a profile is answered alike where nothing is assigned.
ASKING: dict[str, Callable[[ProfileRepository, ProfileValues], ProfileValues]] = {
    "default": lambda profiles, fallback: profiles.default(fallback),
    "series": lambda profiles, fallback: profiles.series.resolve(1, fallback),
    "movies": lambda profiles, fallback: profiles.movies.resolve(1, fallback),
}
ASKING_WITHOUT: dict[str, Callable[[ProfileRepository], ProfileRecord | None]] = {
    "default": lambda profiles: profiles.default(),
    "series": lambda profiles: profiles.series.resolve(1),
    "movies": lambda profiles: profiles.movies.resolve(1),
}


@pytest.mark.parametrize("who", ASKING)
def test_without_a_profile_there_is_what_the_caller_brings(profiles: ProfileRepository, who: str) -> None:
    assert ASKING[who](profiles, SETTINGS) is SETTINGS
    assert not isinstance(SETTINGS, ProfileRecord)
    assert ASKING_WITHOUT[who](profiles) is None


@pytest.mark.parametrize("who", ASKING)
def test_without_a_default_the_first_that_was_created_stands_in(profiles: ProfileRepository, who: str) -> None:
    gone, first, _later = make(profiles, "gone", "z", "a")
    profiles.delete(gone.id)
    assert ASKING[who](profiles, SETTINGS) == first
    assert ASKING_WITHOUT[who](profiles) == first
    assert not first.is_default


@pytest.mark.parametrize("who", ASKING)
def test_the_default_is_the_one_that_was_set_last(profiles: ProfileRepository, who: str) -> None:
    made = make(profiles, "a", "b", "c")
    for each in (made[1], made[2], made[2], made[1]):
        profiles.set_default(each.id)
        expected = each.model_copy(update={"is_default": True})
        assert ASKING[who](profiles, SETTINGS) == ASKING_WITHOUT[who](profiles) == expected
        assert [each for each in profiles.list() if each.is_default] == [expected]


def test_the_default_stays_when_another_that_isnt_there_is_named(profiles: ProfileRepository) -> None:
    first, second = make(profiles, "a", "b")
    with pytest.raises(NotFound):
        profiles.set_default(second.id + 1)
    assert profiles.default() == first
    profiles.set_default(second.id)
    with pytest.raises(NotFound):
        profiles.set_default(second.id + 1)
    assert profiles.default() == second.model_copy(update={"is_default": True})


def test_health_asks_for_a_default_where_there_are_profiles(room: Storeroom) -> None:
    assert room.health().results["profiles"] == ()
    first, second = run(room, lambda profiles: make(profiles, "z", "a"))
    health = room.health()
    assert health.errors == []
    (finding,) = health.results["profiles"]
    assert finding.problem == "none of the profiles is the default, so that 'z', the first, stands in for it"
    assert finding.cure == f"make one the default, as in uow[ProfileRepository].set_default({first.id})"
    run(room, lambda profiles: profiles.set_default(second.id))
    assert room.health().results["profiles"] == ()
