"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable, Iterator

import pytest

from storeroom import Storeroom
from storeroom_profiles import (
    DefaultProfile,
    MovieAssignmentRepository,
    ProfileRecord,
    ProfileRepository,
    SeriesAssignmentRepository,
)
from storeroom_profiles.assignments import AssignmentVerbs
from tests.profiles.helpers import ANY, make

Verb = Callable[[ProfileRepository, ProfileRecord], object]


def refused(profiles: ProfileRepository, default: ProfileRecord) -> None:
    with pytest.raises(DefaultProfile):
        profiles.delete(default.id)


ONE: dict[str, Verb] = {
    "create": lambda profiles, other: profiles.create("new", **ANY),
    "get": lambda profiles, other: profiles.get(other.id),
    "get_by_name": lambda profiles, other: profiles.get_by_name("other"),
    "list": lambda profiles, other: profiles.list(),
    "update": lambda profiles, other: profiles.update(other.id, name="new"),
    "update of a version": lambda profiles, other: profiles.update(other.id, version=1, name="new"),
    "delete": lambda profiles, other: profiles.delete(other.id),
    "delete of the default": lambda profiles, other: refused(profiles, profiles.list()[0]),
    "default": lambda profiles, other: profiles.default(),
    "set_default": lambda profiles, other: profiles.set_default(other.id),
    "assignments": lambda profiles, other: profiles.assignments(),
    "series.assign": lambda profiles, other: profiles.series.assign(1, other.id),
    "series.unassign": lambda profiles, other: profiles.series.unassign(1),
    "series.resolve": lambda profiles, other: profiles.series.resolve(1),
    "series.resolve to the default": lambda profiles, other: profiles.series.resolve(2),
    "series.profiles": lambda profiles, other: profiles.series.profiles(),
}
MORE = {"delete of the default": 2}  # with the list, which finds it


@pytest.fixture
def other(profiles: ProfileRepository) -> ProfileRecord:
    """A profile that isn't the default one, and that a series has."""
    default, other = make(profiles, "default", "other")
    profiles.set_default(default.id)
    profiles.series.assign(1, other.id)
    return other


@pytest.mark.parametrize("what", ONE)
def test_a_verb_is_one_statement(profiles: ProfileRepository, other: ProfileRecord, what: str) -> None:
    before = profiles.uow.statements  # type: ignore[attr-defined]  # a unit of work's own
    ONE[what](profiles, other)
    assert profiles.uow.statements - before == MORE.get(what, 1)  # type: ignore[attr-defined]  # likewise
    assert re.search(r"\bone statement\b", documented(what.split(maxsplit=1)[0]), re.IGNORECASE)


def documented(verb: str) -> str:
    owner, _, name = verb.rpartition(".")
    return inspect.getdoc(getattr(SeriesAssignmentRepository if owner else ProfileRepository, name)) or ""


@pytest.mark.parametrize(("count", "expected"), [(1, 2), (500, 2)])
def test_many_are_assigned_by_one_statement_more(room: Storeroom, count: int, expected: int) -> None:
    with room.write() as uow:
        profiles = uow[ProfileRepository]
        (made,) = make(profiles, "made")
        before = uow.statements
        profiles.series.assign_many(range(count), made.id)
        assert uow.statements - before == expected
    assert "One statement more" in documented("series.assign_many")


def test_every_verb_is_counted_here() -> None:
    counted = {what.split()[0] for what in ONE}
    assert {name for name, _ in verbs(ProfileRepository)} == {each for each in counted if "." not in each}
    own = {f"series.{name}" for name, _ in verbs(AssignmentVerbs)}
    assert own - {each for each in counted if "." in each} == {"series.assign_many"}
    assert [*verbs(SeriesAssignmentRepository), *verbs(MovieAssignmentRepository)] == []


def verbs(owner: type) -> Iterator[tuple[str, object]]:
    return ((name, each) for name, each in vars(owner).items() if inspect.isfunction(each) and name[0] != "_")
