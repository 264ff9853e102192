"""The statements over profiles and what has them, each built once."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
    union_all,
    update,
)

from storeroom import Statement
from storeroom.sql import Int, insert
from storeroom_profiles.models import default, movies, profiles, series
from storeroom_profiles.records import ProfileRecord

# The default's key into profiles, which lets none be deleted that is the default.
DEFAULT_KEY = "fk_profiles_default_profile_id_profiles"

_ONE: ColumnElement[int] = literal_column("1", Int())
_PROFILE: ColumnElement[Any] = bindparam("profile_id", type_=profiles.c.id.type)
_IS_DEFAULT = profiles.c.id.in_(select(default.c.profile_id)).label("is_default")
_COLUMNS = [_IS_DEFAULT if field == "is_default" else profiles.c[field] for field in ProfileRecord.model_fields]

_found = select(*_COLUMNS).where(profiles.c.id == _PROFILE)

GET = Statement(_found)
GET_BY_NAME = Statement(select(*_COLUMNS).where(profiles.c.name == bindparam("name", type_=profiles.c.name.type)))
ALL = Statement(select(*_COLUMNS))
CREATE = Statement(insert(profiles).returning(*_COLUMNS))

# The fields to set are parameters of their own.
_change = (
    update(profiles).where(profiles.c.id == _PROFILE).values(version=profiles.c.version + _ONE).returning(*_COLUMNS)
)
CHANGE = Statement(_change)
CHANGE_LOCKED = Statement(_change.where(profiles.c.version == bindparam("_version", type_=profiles.c.version.type)))

DELETE = Statement(delete(profiles).where(profiles.c.id == _PROFILE))

# Who refers to a profile locks it before all else, so that nobody deletes it meanwhile.
_kept = select(profiles.c.id).where(profiles.c.id == _PROFILE).with_for_update(read=True, key_share=True)

KEEP = Statement(_kept)

_pointer = insert(default).from_select(["profile_id", "slot"], _kept.add_columns(_ONE))
SET_DEFAULT = Statement(
    _pointer.on_conflict_do_update(index_elements=["slot"], set_={"profile_id": _pointer.excluded.profile_id})
)

_first = profiles.alias("first")
_default_or_first = (
    select(default.c.profile_id).scalar_subquery(),
    select(func.min(_first.c.id)).scalar_subquery(),
)


def _profile_of(*ids: ColumnElement[Any]) -> Select[Any]:
    """Select the profile of the first of these ids that there is."""
    return select(*_COLUMNS).where(profiles.c.id == func.coalesce(*ids))


DEFAULT = Statement(_profile_of(*_default_or_first))

ASSIGNMENTS = Statement(
    union_all(
        *(
            select(literal_column(f"'{kind}'").label("kind"), key.label("key"), key.table.c.profile_id)
            for kind, key in (("series", series.c.series_id), ("movies", movies.c.movie_id))
        )
    )
)


@cache
def assign(table: Table) -> Statement:
    """Return the statement that gives something a profile if there is one, and returns its row."""
    (key,) = table.primary_key
    given = insert(table).from_select(
        ["profile_id", key.name, "version"], _kept.add_columns(bindparam("key", type_=key.type), _ONE)
    )
    is_same = table.c.profile_id == given.excluded.profile_id
    return Statement(
        given.on_conflict_do_update(
            index_elements=[key.name],
            set_={
                "profile_id": given.excluded.profile_id,
                "version": case((is_same, table.c.version), else_=table.c.version + _ONE),
            },
        ).returning(key, table.c.profile_id)
    )


@cache
def resolve(table: Table) -> Statement:
    """Return the statement that selects something's profile, else the default one, else the first."""
    (key,) = table.primary_key
    own = select(table.c.profile_id).where(key == bindparam("key", type_=key.type)).scalar_subquery()
    return Statement(_profile_of(own, *_default_or_first))


@cache
def names(table: Table) -> Statement:
    """Return the statement that selects what has a profile, with the profile's id and name."""
    (key,) = table.primary_key
    return Statement(select(key, profiles.c.id, profiles.c.name).join_from(table, profiles))
