"""Real processes: one default at any time, nothing that refers to a profile that is gone, one profile of a name."""

from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.testing import run_together
from storeroom_profiles import ProfileRepository
from tests.profiles import workers
from tests.profiles.helpers import make, run

pytestmark = pytest.mark.dear

PROCESSES, EACH = 4, 500
ROUNDS = 15


def prepared(room: Storeroom, count: int) -> list[int]:
    """So many profiles, none of them the default, and one before them that is."""
    first, *others = run(room, lambda profiles: make(profiles, *(f"p{number:03}" for number in range(count + 1))))
    run(room, lambda profiles: profiles.set_default(first.id))
    return [each.id for each in others]


def test_2000_new_defaults_of_four_processes_leave_one_at_any_time(room: Storeroom, profiles_url: str) -> None:
    made = run(room, lambda profiles: make(profiles, "a", "b", "c", "d", "e"))
    ids = [each.id for each in made]
    assert run_together(PROCESSES, workers.set_defaults, profiles_url, ids, EACH) == [0] * PROCESSES
    workers.check_default(room)


def test_a_default_is_never_deleted_nor_a_deleted_one_made_the_default(
    room: Storeroom, profiles_url: str, tmp_path: Path
) -> None:
    ids = prepared(room, ROUNDS)
    assert run_together(PROCESSES, workers.set_or_delete, profiles_url, ids, tmp_path) == [0] * PROCESSES
    with room.read() as uow:
        left = {each.id for each in uow[ProfileRepository].list()}
    for key in ids:
        outcomes = sorted((tmp_path / str(key)).read_text().split())
        if key in left:
            assert outcomes == ["DefaultProfile", "DefaultProfile", "set", "set"]
        else:
            assert outcomes == ["NotFound", "NotFound", "deleted", "missed"]


def test_nothing_has_a_profile_that_was_deleted_meanwhile(room: Storeroom, profiles_url: str) -> None:
    ids = prepared(room, ROUNDS)
    assert run_together(PROCESSES, workers.assign_or_delete, profiles_url, ids) == [0] * PROCESSES
    with room.read() as uow:
        profiles = uow[ProfileRepository]
        assert profiles.assignments().model_dump() == {"series": {}, "movies": {}}
        assert [each.is_default for each in profiles.list()] == [True]
        assert profiles.series.resolve(1) == profiles.default()


def test_a_name_is_taken_by_one_of_all_who_want_it(room: Storeroom, profiles_url: str, tmp_path: Path) -> None:
    names = [f"n{number:02}" for number in range(ROUNDS)]
    assert run_together(PROCESSES, workers.create_same, profiles_url, names, tmp_path) == [0] * PROCESSES
    assert sorted(file.name.split()[0] for file in tmp_path.iterdir()) == names
    assert [each.name for each in run(room, ProfileRepository.list)] == names


def test_no_change_from_a_version_is_lost(room: Storeroom, profiles_url: str) -> None:
    (made,) = run(room, lambda profiles: make(profiles, "made"))
    assert run_together(PROCESSES, workers.update_by_version, profiles_url, made.id, ROUNDS) == [0] * PROCESSES
    changed = run(room, lambda profiles: profiles.get(made.id))
    assert changed.version == 1 + PROCESSES * ROUNDS
    assert changed.fallback_chain == ("ollama", *(f"backend {number}" for number in range(1, changed.version)))
