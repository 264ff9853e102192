"""What the verbs return."""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from pydantic import Field

from storeroom import AnyOf, Record
from storeroom_profiles.preferences import ForcedPreference


def _backend_alone(data: dict[str, Any]) -> tuple[str, ...]:
    return (data["translation_backend"],)


class ProfileValues(Record):
    """What a profile says, saved or not: a program makes one of its settings, for where nothing is saved.

    `target_language_names` has a name for each of `target_languages`, in their order. The back ends of
    `fallback_chain` are tried one after another; it is `translation_backend` alone unless it is given.
    """

    name: str
    source_language: str
    source_language_name: str
    target_languages: tuple[str, ...]
    target_language_names: tuple[str, ...]
    translation_backend: str
    fallback_chain: tuple[str, ...] = Field(default_factory=_backend_alone)
    forced_preference: ForcedPreference = ForcedPreference.DISABLED


class ProfileRecord(ProfileValues):
    """A saved profile; times are in UTC."""

    id: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    is_default: bool
    version: int


class ProfileName(NamedTuple):
    """Which profile something has."""

    id: int
    name: str


class SeriesAssignment(Record):
    """That a series has a profile of its own."""

    series_id: int
    profile_id: int


class MovieAssignment(Record):
    """That a movie has a profile of its own."""

    movie_id: int
    profile_id: int


class AssignmentFilters(TypedDict, total=False):
    """What assignments can be asked for, in `where`: a profile, or any of several."""

    profile: AnyOf[int]


class Assignments(Record):
    """Which profile each series and each movie has, by their ids."""

    series: Mapping[int, int]
    movies: Mapping[int, int]
