"""Series and movies that have a profile of their own: the same for both, and apart from each other."""

import pytest
from sqlalchemy import select

from storeroom import Statement, Storeroom
from storeroom.errors import ForeignKeyMissing, NotFound, ValueRefused
from storeroom.sql import Outcome
from storeroom_profiles import (
    MovieAssignment,
    MovieAssignmentRepository,
    Profile,
    ProfileName,
    ProfileRepository,
    SeriesAssignment,
    SeriesAssignmentRepository,
)
from tests.profiles.helpers import make, run

Verbs = SeriesAssignmentRepository | MovieAssignmentRepository

pytestmark = pytest.mark.parametrize("kind", ["series", "movies"])


def verbs(profiles: ProfileRepository, kind: str) -> Verbs:
    return profiles.series if kind == "series" else profiles.movies


def assigned(kind: str, key: int, profile_id: int) -> SeriesAssignment | MovieAssignment:
    if kind == "series":
        return SeriesAssignment(series_id=key, profile_id=profile_id)
    return MovieAssignment(movie_id=key, profile_id=profile_id)


def test_what_has_a_profile_resolves_to_it_and_all_else_to_the_default(profiles: ProfileRepository, kind: str) -> None:
    default, own, other = make(profiles, "default", "own", "other")
    profiles.set_default(default.id)
    some = verbs(profiles, kind)
    assert some.assign(1, other.id) == assigned(kind, 1, other.id)
    assert some.assign(1, own.id) == assigned(kind, 1, own.id)
    assert some.assign(2, other.id) == assigned(kind, 2, other.id)
    found = [each and each.name for each in map(some.resolve, (1, 2, 3))]
    assert found == ["own", "other", "default"]
    there = verbs(profiles, "movies" if kind == "series" else "series").resolve(1)
    assert there is not None
    assert there.name == "default"


def test_what_is_assigned_by_default_says_that_it_is(profiles: ProfileRepository, kind: str) -> None:
    (made,) = make(profiles, "made")
    profiles.set_default(made.id)
    some = verbs(profiles, kind)
    some.assign(1, made.id)
    resolved = some.resolve(1)
    assert resolved == made.model_copy(update={"is_default": True})


def test_what_is_unassigned_takes_the_default_again(profiles: ProfileRepository, kind: str) -> None:
    default, own = make(profiles, "default", "own")
    some = verbs(profiles, kind)
    some.assign(1, own.id)
    assert some.unassign(1)
    assert not some.unassign(1)
    assert some.resolve(1) == default


def test_an_unknown_profile_is_not_found_and_nothing_changes(profiles: ProfileRepository, kind: str) -> None:
    (made,) = make(profiles, "made")
    some = verbs(profiles, kind)
    some.assign(1, made.id)
    for work in (
        lambda: some.assign(1, made.id + 1),
        lambda: some.assign(2, made.id + 1),
        lambda: some.assign_many([1, 2], made.id + 1),
    ):
        with pytest.raises(NotFound) as error:
            work()
        assert (error.value.key, error.value.repository) == (made.id + 1, f"profiles.{kind}")
    assert list(some.list()) == [assigned(kind, 1, made.id)]  # the unit of work goes on


def test_many_are_assigned_at_once(profiles: ProfileRepository, kind: str) -> None:
    first, second = make(profiles, "first", "second")
    some = verbs(profiles, kind)
    some.assign(2, first.id)
    some.assign(3, second.id)
    outcomes = some.assign_many((key for key in (4, 2, 3, 4)), second.id)
    assert outcomes == [Outcome.INSERTED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert list(some.list()) == [assigned(kind, key, second.id) for key in (2, 3, 4)]
    assert len(some.assign_many([], second.id)) == 0


def test_many_are_assigned_or_none(profiles: ProfileRepository, kind: str) -> None:
    (made,) = make(profiles, "made")
    some = verbs(profiles, kind)
    keys: list[object] = [1, 2, "three"]
    with pytest.raises(ValueRefused) as refusal:
        some.assign_many(keys, made.id)  # type: ignore[arg-type]  # refused
    assert (refusal.value.position, refusal.value.value) == (2, "three")
    assert some.count() == 0


def test_a_version_tells_a_change_from_the_same_again(profiles: ProfileRepository, kind: str) -> None:
    first, second = make(profiles, "first", "second")
    some = verbs(profiles, kind)
    version = Statement(select(Profile.metadata.tables[f"profiles_{kind}"].c.version))
    found = []
    for profile in (first, first, second, second):
        some.assign(1, profile.id)
        found.append(version.scalar(profiles.uow))
    assert found == [1, 1, 2, 2]
    assert some.assign_many([1], first.id) == [Outcome.UPDATED]
    assert version.scalar(profiles.uow) == 3


def test_each_gets_its_own_by_the_bulk_verb_of_every_repository(room: Storeroom, kind: str) -> None:
    made = run(room, lambda profiles: make(profiles, "first", "second"))
    key = "series_id" if kind == "series" else "movie_id"
    items = [{key: number, "profile_id": made[number % 2].id} for number in range(6)]
    assert run(room, lambda profiles: verbs(profiles, kind).upsert_many(items)).count(Outcome.INSERTED) == 6
    with pytest.raises(ForeignKeyMissing):
        run(room, lambda profiles: verbs(profiles, kind).upsert_many([*items, {key: 7, "profile_id": made[1].id + 1}]))
    with room.read() as uow:
        some = verbs(uow[ProfileRepository], kind)
        assert list(some.list(profile=made[1].id)) == [assigned(kind, number, made[1].id) for number in (1, 3, 5)]
        assert (some.count(profile=made[0].id), some.count()) == (3, 6)


def test_profiles_tells_id_and_name_by_key(profiles: ProfileRepository, kind: str) -> None:
    first, second = make(profiles, "first", "second")
    some = verbs(profiles, kind)
    assert some.profiles() == {}
    some.assign_many([1, 3], first.id)
    some.assign(2, second.id)
    assert some.profiles() == {
        1: ProfileName(first.id, "first"),
        2: ProfileName(second.id, "second"),
        3: ProfileName(first.id, "first"),
    }
    assert profiles.assignments().model_dump()[kind] == {1: first.id, 2: second.id, 3: first.id}


def test_they_are_found_by_class_and_by_name(room: Storeroom, kind: str) -> None:
    with room.read() as uow:
        expected = verbs(uow[ProfileRepository], kind)
        assert uow[f"profiles.{kind}"] is expected
        assert uow[type(expected)] is expected
