"""What the tests of profiles share."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Table, delete

from storeroom import Settings, Statement, Storeroom
from storeroom_profiles import Profile, ProfileRecord, ProfileRepository

T = TypeVar("T")

PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)

table = cast("Table", Profile.__table__)
CLEAR = [
    Statement(delete(Profile.metadata.tables[name]))
    for name in ("profiles_default", "profiles_series", "profiles_movies", "profiles")
]

ANY: dict[str, Any] = {
    "source_language": "en",
    "source_language_name": "English",
    "target_languages": ["de"],
    "target_language_names": ["German"],
    "translation_backend": "ollama",
}


def clear(room: Storeroom) -> None:
    """Leave no profile."""
    with room.write() as uow:
        for each in CLEAR:
            each.affected(uow)


def run(room: Storeroom, work: Callable[[ProfileRepository], T]) -> T:
    """Do something with profiles in a transaction of its own."""
    return room.run(lambda uow: work(uow[ProfileRepository]))


def make(profiles: ProfileRepository, *names: str) -> list[ProfileRecord]:
    """Create profiles of these names."""
    return [profiles.create(name, **ANY) for name in names]
