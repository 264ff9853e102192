"""What worker processes do in the tests of races. An error that isn't meant ends one with another code than 0."""

from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom import Storeroom
from storeroom.errors import Duplicate, NotFound, StaleVersion
from storeroom_profiles import DefaultProfile, ProfileRepository
from tests.profiles.helpers import make
from tests.support.rooms import PATIENT


def open_profiles(url: str) -> Storeroom:
    return Storeroom.open(url, allow=["profiles"], settings=PATIENT)


def check_default(room: Storeroom) -> None:
    """There is one default, and it is a profile."""
    with room.read() as uow:
        profiles = uow[ProfileRepository].list()
    assert [each.is_default for each in profiles].count(True) == 1


def set_defaults(url: str, ids: Sequence[int], times: int, together: Barrier) -> None:
    """Make one after another the default, without a second try, and see each time that there is one."""
    with open_profiles(url) as room:
        place = together.wait(60)
        for number in range(times):
            with room.write() as uow:
                uow[ProfileRepository].set_default(ids[(place + number) % len(ids)])
            check_default(room)


def set_or_delete(url: str, ids: Sequence[int], folder: Path, together: Barrier) -> None:
    """For each profile: make it the default, or delete it, at the same time; write down what came of it."""
    with open_profiles(url) as room:
        for key in ids:
            role = together.wait(60) % 2
            try:
                with room.write() as uow:
                    if role:
                        uow[ProfileRepository].set_default(key)
                        outcome = "set"
                    else:
                        outcome = "deleted" if uow[ProfileRepository].delete(key) else "missed"
            except (NotFound, DefaultProfile) as error:
                outcome = type(error).__name__
            check_default(room)
            with (folder / str(key)).open("a") as file:
                file.write(f"{outcome}\n")


def assign_or_delete(url: str, ids: Sequence[int], together: Barrier) -> None:
    """For each profile: give it to a series and to movies, or delete it, at the same time."""
    with open_profiles(url) as room:
        for key in ids:
            role = together.wait(60)
            try:
                with room.write() as uow:
                    profiles = uow[ProfileRepository]
                    if role == 0:
                        profiles.delete(key)
                    elif role == 1:
                        profiles.movies.assign_many(range(20), key)
                    else:
                        profiles.series.assign(1, key)
            except NotFound as error:
                if error.key != key:
                    raise


def create_same(url: str, names: Sequence[str], folder: Path, together: Barrier) -> None:
    """Create a profile of each name, at the same time as other processes do; write down who did."""
    with open_profiles(url) as room:
        for name in names:
            place = together.wait(60)
            try:
                with room.write() as uow:
                    make(uow[ProfileRepository], name)
            except Duplicate as error:
                if error.constraint != "uq_profiles_name":
                    raise
            else:
                (folder / f"{name} {place}").touch()


def update_by_version(url: str, key: int, times: int, together: Barrier) -> None:
    """Change a profile so many times, each time from the version that was read."""
    with open_profiles(url) as room:
        together.wait(60)
        for _ in range(times):
            while True:
                with room.read() as uow:
                    profile = uow[ProfileRepository].get(key)
                chain = [*profile.fallback_chain, f"backend {len(profile.fallback_chain)}"]
                try:
                    with room.write() as uow:
                        uow[ProfileRepository].update(key, version=profile.version, fallback_chain=chain)
                except StaleVersion:
                    continue
                break
