"""Which profile series and movies have: the same verbs for both."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, TypeVar, cast, overload

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from storeroom import Filter, ModelRepository, Record, equals
from storeroom.checks import refusal
from storeroom.errors import NotFound
from storeroom.sql import Outcomes
from storeroom_profiles import statements
from storeroom_profiles.models import MovieProfile, SeriesProfile
from storeroom_profiles.records import (
    AssignmentFilters,
    MovieAssignment,
    ProfileName,
    ProfileRecord,
    ProfileValues,
    SeriesAssignment,
)

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)


class AssignmentVerbs(ModelRepository[ModelT, RecordT, AssignmentFilters]):
    """The verbs of what has a profile: at most one of its own, else it takes the default one.

    `key` is the id of a series, or of a movie, wherever those are kept. Lists are in the order of the keys.
    """

    filters: ClassVar[Mapping[str, Filter]] = {"profile": equals("profile_id")}

    def assign(self, key: int, profile_id: int) -> RecordT:
        """Give it a profile, in place of the one that it has; one statement.

        Raises NotFound when there is no such profile, and ValueRefused for what isn't a key; nothing is changed then.
        """
        if key is None:
            raise refusal("key", key, "isn't the id of anything; give an int")
        record = statements.assign(self._table).record(self.uow, self._record, key=key, profile_id=profile_id)
        if record is None:
            raise no_profile(self.name, profile_id)
        return record

    def assign_many(self, keys: Iterable[int], profile_id: int) -> Outcomes:
        """Give each of them a profile, all or none, and tell for each whether that is new; see `upsert_many`.

        One statement more than `upsert_many`, which serves where not all get the same. Raises NotFound when there is
        no such profile, and ValueRefused with the position of what isn't a key; nothing is changed then.
        """
        if statements.KEEP.first(self.uow, profile_id=profile_id) is None:
            raise no_profile(self.name, profile_id)
        (name,) = self.conflict_key
        return self.upsert_many({name: key, "profile_id": profile_id} for key in keys)

    def unassign(self, key: int) -> bool:
        """Let it take the default profile again; tells whether it had one of its own. One statement."""
        return self.delete(key)

    @overload
    def resolve(self, key: int) -> ProfileRecord | None: ...
    @overload
    def resolve(self, key: int, fallback: ProfileValues) -> ProfileValues: ...
    def resolve(self, key: int, fallback: ProfileValues | None = None) -> ProfileValues | None:
        """Return its own profile, else what `ProfileRepository.default` returns; one statement."""
        found = statements.resolve(self._table).record(self.uow, ProfileRecord, key=key)
        return fallback if found is None else found

    def profiles(self) -> Mapping[int, ProfileName]:
        """Return the profile's id and name for each that has one of its own; one statement."""
        return {key: ProfileName(*profile) for key, *profile in statements.names(self._table).all(self.uow)}

    @property
    def _table(self) -> Table:
        return cast("Table", self.model.__table__)


class SeriesAssignmentRepository(AssignmentVerbs[SeriesProfile, SeriesAssignment]):
    """The profiles of series."""

    name = "profiles.series"
    conflict_key = ("series_id",)


class MovieAssignmentRepository(AssignmentVerbs[MovieProfile, MovieAssignment]):
    """The profiles of movies."""

    name = "profiles.movies"
    conflict_key = ("movie_id",)


def no_profile(repository: str, key: object) -> NotFound:
    """Return the error for a profile that isn't there."""
    return NotFound(
        f"there is no profile {key!r}; it may have been deleted: list the profiles", repository=repository, key=key
    )
