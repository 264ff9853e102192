"""`ProfileRepository`: language profiles, and the default one."""

from collections.abc import Sequence
from typing import TypedDict, Unpack, overload

from storeroom import BaseRepository
from storeroom.errors import FieldUnknown, ForeignKeyMissing, StaleVersion
from storeroom_profiles import statements
from storeroom_profiles.assignments import MovieAssignmentRepository, SeriesAssignmentRepository, no_profile
from storeroom_profiles.checks import EDITABLE, check_fields
from storeroom_profiles.errors import DefaultProfile
from storeroom_profiles.preferences import ForcedPreference
from storeroom_profiles.records import Assignments, ProfileRecord, ProfileValues


class ProfileFields(TypedDict, total=False):
    """What `update` sets."""

    name: str
    source_language: str
    source_language_name: str
    target_languages: Sequence[str]
    target_language_names: Sequence[str]
    translation_backend: str
    fallback_chain: Sequence[str]
    forced_preference: ForcedPreference | str


class ProfileRepository(BaseRepository):
    """Language profiles: what to translate from, to and with; one of them may be the default.

    `series` and `movies` tell which have a profile of their own. Once there is a default, there always is one: it
    can be changed, not deleted. A profile that is a series' or movie's own can be deleted, and its assignments go.
    """

    name = "profiles"

    @property
    def series(self) -> SeriesAssignmentRepository:
        """The profiles of series."""
        return self.uow[SeriesAssignmentRepository]

    @property
    def movies(self) -> MovieAssignmentRepository:
        """The profiles of movies."""
        return self.uow[MovieAssignmentRepository]

    def create(
        self,
        name: str,
        *,
        source_language: str,
        source_language_name: str,
        target_languages: Sequence[str],
        target_language_names: Sequence[str],
        translation_backend: str,
        fallback_chain: Sequence[str] | None = None,
        forced_preference: ForcedPreference | str = ForcedPreference.DISABLED,
    ) -> ProfileRecord:
        """Create a profile, and return it; it isn't the default one yet. One statement.

        Without a `fallback_chain`, it is the translation back end alone. Raises Duplicate when there is a profile of
        this name, and ValueRefused for text or a list that is empty, for languages without a name for each, and for
        an unknown preference.
        """
        fields = {
            "name": name,
            "source_language": source_language,
            "source_language_name": source_language_name,
            "target_languages": target_languages,
            "target_language_names": target_language_names,
            "translation_backend": translation_backend,
            "fallback_chain": [translation_backend] if fallback_chain is None else fallback_chain,
            "forced_preference": forced_preference,
        }
        check_fields(fields)
        return statements.CREATE.records(self.uow, ProfileRecord, **fields)[0]

    def get(self, profile_id: int) -> ProfileRecord:
        """Return a profile; one statement. Raises NotFound."""
        found = statements.GET.record(self.uow, ProfileRecord, profile_id=profile_id)
        if found is None:
            raise no_profile(self.name, profile_id)
        return found

    def get_by_name(self, name: str) -> ProfileRecord:
        """Return the profile of this name, in the same case; one statement. Raises NotFound."""
        found = statements.GET_BY_NAME.record(self.uow, ProfileRecord, name=name)
        if found is None:
            raise no_profile(self.name, name)
        return found

    def list(self) -> Sequence[ProfileRecord]:
        """Return all profiles, the default one first, then by name; one statement."""
        # Sorted here, as databases differ in what comes first.
        found = statements.ALL.records(self.uow, ProfileRecord)
        return tuple(sorted(found, key=lambda profile: (not profile.is_default, profile.name)))

    def update(self, profile_id: int, *, version: int | None = None, **fields: Unpack[ProfileFields]) -> ProfileRecord:
        """Set the named fields of a profile, and return it; the others stay. One statement.

        With the `version` that the caller has read, only if nobody has changed it since; two statements where that
        fails. Target languages and their names are set together. Raises NotFound, StaleVersion, FieldUnknown,
        Duplicate when another has the name, and ValueRefused as `create`.
        """
        if not fields:
            raise TypeError("update() takes the fields to set; name at least one")
        self._check_known(fields)
        check_fields(fields)
        if version is None:
            changed = statements.CHANGE.record(self.uow, ProfileRecord, profile_id=profile_id, **fields)
        else:
            given = {"profile_id": profile_id, "_version": version}
            changed = statements.CHANGE_LOCKED.record(self.uow, ProfileRecord, **given, **fields)
        if changed is not None:
            return changed
        if version is None:
            raise no_profile(self.name, profile_id)
        found = self.get(profile_id).version
        raise StaleVersion(
            f"profile {profile_id!r} has version {found}, not {version}: it was changed meanwhile; read it again, and "
            "decide anew",
            repository=self.name,
            key=profile_id,
            expected=version,
            found=found,
        )

    def delete(self, profile_id: int) -> bool:
        """Delete a profile, and its assignments; tells whether there was one. One statement, in a savepoint.

        Series and movies that had it take the default one then. Raises DefaultProfile for that one, which the
        database keeps, whoever makes it the default meanwhile; nothing is changed then.
        """
        try:
            with self.uow.savepoint():
                return statements.DELETE.affected(self.uow, profile_id=profile_id) > 0
        except ForeignKeyMissing as error:
            if error.constraint not in (None, statements.DEFAULT_KEY):  # SQLite doesn't tell which one it was
                raise
            raise DefaultProfile(
                f"profile {profile_id!r} is the default one, which stays; make another the default first",
                profile_id=profile_id,
            ) from error

    @overload
    def default(self) -> ProfileRecord | None: ...
    @overload
    def default(self, fallback: ProfileValues) -> ProfileValues: ...
    def default(self, fallback: ProfileValues | None = None) -> ProfileValues | None:
        """Return the default profile; else the first, which was created before all others; else `fallback`.

        What is saved is a ProfileRecord, and `is_default` tells which it is. One statement.
        """
        found = statements.DEFAULT.record(self.uow, ProfileRecord)
        return fallback if found is None else found

    def set_default(self, profile_id: int) -> None:
        """Make a profile the default, in place of the one that is; one statement.

        However many do it at once, there is one default at any time. Raises NotFound; the default stays then.
        """
        if not statements.SET_DEFAULT.affected(self.uow, profile_id=profile_id):
            raise no_profile(self.name, profile_id)

    def assignments(self) -> Assignments:
        """Return which profile each series and each movie has; one statement."""
        found: dict[str, dict[int, int]] = {"series": {}, "movies": {}}
        for kind, key, profile_id in statements.ASSIGNMENTS.all(self.uow):
            found[kind][key] = profile_id
        return Assignments(series=found["series"], movies=found["movies"])

    def _check_known(self, fields: ProfileFields) -> None:
        for field in fields:
            if field not in EDITABLE:
                raise FieldUnknown(
                    f"ProfileRepository has no field {field!r} that update() sets; use one of: {', '.join(EDITABLE)}",
                    repository=self.name,
                    field=field,
                )
