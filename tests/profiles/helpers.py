"""What the tests of profiles share."""

from collections.abc import Callable
from typing import Any, TypeVar

from storeroom import Storeroom
from storeroom_profiles import ProfileRecord, ProfileRepository

T = TypeVar("T")

ANY: dict[str, Any] = {
    "source_language": "en",
    "source_language_name": "English",
    "target_languages": ["de"],
    "target_language_names": ["German"],
    "translation_backend": "ollama",
}


def run(room: Storeroom, work: Callable[[ProfileRepository], T]) -> T:
    """Do something with profiles in a transaction of its own."""
    return room.run(lambda uow: work(uow[ProfileRepository]))


def make(profiles: ProfileRepository, *names: str) -> list[ProfileRecord]:
    """Create profiles of these names."""
    return [profiles.create(name, **ANY) for name in names]
