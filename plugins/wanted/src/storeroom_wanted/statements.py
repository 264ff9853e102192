"""The statements over wanted items, each built once."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, case, delete, func, literal_column, or_, select, text, update

from storeroom import Statement
from storeroom.sql import Int, Real, UTCDateTime, among, ascending, expired, from_now, now
from storeroom_wanted.models import CONFLICT_KEY, IS_MISSING, IS_SEARCHABLE, wanted
from storeroom_wanted.records import WantedRecord
from storeroom_wanted.states import WantedStatus

COLUMNS = [wanted.c[name] for name in WantedRecord.model_fields]

_KEY: ColumnElement[Any] = bindparam("key", type_=wanted.c.id.type)
_ONE: ColumnElement[int] = literal_column("1")
_BEFORE: ColumnElement[Any] = bindparam("before", type_=UTCDateTime())
_IN_KEY_ORDER = [wanted.c[name] for name in CONFLICT_KEY]
_IS_IGNORED = wanted.c.status == literal_column(f"'{WantedStatus.IGNORED}'")


def _is(column: str) -> ColumnElement[bool]:
    return wanted.c[column] == bindparam(column, type_=wanted.c[column].type)


def keep_ignored(old: Any, _new: Any) -> ColumnElement[Any]:
    """Return what an upsert makes of a status: an ignored item stays ignored, all others are wanted again."""
    ignored: ColumnElement[Any] = literal_column(f"'{WantedStatus.IGNORED}'")
    return case((old.status == ignored, ignored), else_=literal_column(f"'{WantedStatus.WANTED}'"))


def _change() -> Update:
    return update(wanted).where(wanted.c.id == _KEY).returning(*COLUMNS)


# What isn't a value here is a parameter of the column's name.
SET = Statement(_change().values(version=wanted.c.version + _ONE))
MARK_SEARCHED = Statement(
    _change().values(version=wanted.c.version + _ONE, search_count=wanted.c.search_count + _ONE, last_search_at=now())
)
POSTPONE = Statement(
    _change().values(version=wanted.c.version + _ONE, retry_after=from_now(bindparam("delay", type_=Real())))
)

DUE = Statement(
    select(*COLUMNS)
    .where(text(IS_SEARCHABLE), or_(wanted.c.retry_after.is_(None), expired(wanted.c.retry_after)))
    .order_by(ascending(wanted.c.last_search_at), wanted.c.id)
    .limit(bindparam("limit", type_=Int()))
)

GROUPS = ("status", "item_type", "subtitle_type", "existing_sub", "upgrade_candidate")
_groups = [wanted.c[name] for name in GROUPS]
SUMMARY = Statement(select(*_groups, func.count().label("items")).group_by(*_groups))


@cache
def missing_by_series(*, of_instance: bool) -> Statement:
    """Return the count of items that are wanted and have no subtitle yet, by series, of all instances or of one."""
    construct = select(wanted.c.series_id, func.count().label("items")).where(text(IS_MISSING))
    if of_instance:
        construct = construct.where(_is("instance_name"))
    return Statement(construct.group_by(wanted.c.series_id))


KEYS = Statement(select(wanted.c.id, *_IN_KEY_ORDER))
PATHS = Statement(select(wanted.c.file_path).distinct())
NOW = Statement(select(now()))
DELETE_PATH = Statement(delete(wanted).where(_is("file_path")))


@cache
def untouched(*, of_type: bool, of_instance: bool, with_ignored: bool) -> Statement:
    """Return the query of the keys of a scope that nobody has written to since a time, in the order of upserts."""
    construct = select(wanted.c.id, *_IN_KEY_ORDER).where(wanted.c.added_at < _BEFORE, wanted.c.updated_at < _BEFORE)
    if of_type:
        construct = construct.where(_is("item_type"))
    if of_instance:
        construct = construct.where(_is("instance_name"))
    if not with_ignored:
        construct = construct.where(~_IS_IGNORED)
    return Statement(construct.order_by(*_IN_KEY_ORDER))


# Rows are locked as upserts lock them, so that the two don't deadlock. What was written to meanwhile is left out: the
# condition is looked at again when the lock is there.
_doomed = (
    select(wanted.c.id)
    .where(wanted.c.id.in_(bindparam("ids", expanding=True)), wanted.c.updated_at < _BEFORE)
    .order_by(*_IN_KEY_ORDER)
    .with_for_update()
)
REMOVE = Statement(delete(wanted).where(among(wanted.c.id, _doomed)))
