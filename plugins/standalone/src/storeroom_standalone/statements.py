"""The statements of this plugin's own verbs, each built once."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Select,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from storeroom import Record, Statement
from storeroom.sql import Int, Real, among, expired, from_now, insert, now, unexpired
from storeroom_standalone.models import folders, mappings, metadata, movies, series
from storeroom_standalone.records import FolderRecord, MappingRecord, MetadataRecord, MovieRecord, SeriesRecord

# Findings name so many things, and count the others.
NAMED = 3
MOST_EXPIRED = 1001

_ONE: ColumnElement[int] = literal_column("1")
_TRUE: ColumnElement[bool] = literal_column("true")
_LIMIT: ColumnElement[int] = bindparam("limit", type_=Int())
_SECONDS: ColumnElement[float] = bindparam("seconds", type_=Real())
_A_DAY_AGO: ColumnElement[Any] = from_now(literal_column("-86400"))
_A_WEEK_AGO: ColumnElement[Any] = from_now(literal_column("-604800"))


def _columns(table: Any, record: type[Record]) -> list[Column[Any]]:
    return [table.c[name] for name in record.model_fields]


def _is(column: Column[Any], name: str) -> ColumnElement[bool]:
    # An underscore before it, since an update takes a parameter that is named as a column for a value to set.
    return column == bindparam(f"_{name}", type_=column.type)


SERIES_BY_PATH = Statement(select(*_columns(series, SeriesRecord)).where(_is(series.c.folder_path, "path")))
MOVIE_BY_PATH = Statement(select(*_columns(movies, MovieRecord)).where(_is(movies.c.file_path, "path")))

MARK_SCANNED = Statement(
    update(folders)
    .where(folders.c.id == bindparam("key", type_=folders.c.id.type))
    .values(last_scan_at=now(), version=folders.c.version + _ONE)
    .returning(*_columns(folders, FolderRecord))
)

_saved = insert(metadata).values(expires_at=from_now(_SECONDS))
# Without a condition: the time to live begins anew, also where the answer is the same.
SAVE = Statement(
    _saved.on_conflict_do_update(
        index_elements=["cache_key"],
        set_={
            **{name: _saved.excluded[name] for name in ("provider", "response", "cached_at", "expires_at")},
            "version": metadata.c.version + _ONE,
        },
    ).returning(*_columns(metadata, MetadataRecord))
)
# Not in the condition, where PostgreSQL might read all that hasn't expired to find the key.
CACHED = Statement(
    select(case((unexpired(metadata.c.expires_at), metadata.c.response))).where(_is(metadata.c.cache_key, "cache_key"))
)
EXPIRY = Statement(select(from_now(_SECONDS)))

USE = Statement(
    update(mappings)
    .where(_is(mappings.c.tvdb_id, "tvdb_id"))
    .values(last_used_at=now(), version=mappings.c.version + _ONE)
    .returning(*_columns(mappings, MappingRecord))
)


def _clear(key: Column[Any], age: Column[Any], *, before: ColumnElement[Any]) -> Delete:
    """Delete the oldest rows, past those that others hold."""
    old = select(key).where(expired(age, before)).order_by(age, key).limit(_LIMIT).with_for_update(skip_locked=True)
    return delete(key.table).where(among(key, old))


CLEAR_EXPIRED = Statement(_clear(metadata.c.cache_key, metadata.c.expires_at, before=now()))
CLEAR_UNUSED = Statement(_clear(mappings.c.tvdb_id, mappings.c.last_used_at, before=from_now(_SECONDS)))


def _first(query: Select[Any], order: Column[Any]) -> Statement:
    """Select the first few rows and, in each, how many there are."""
    return Statement(
        query.add_columns(func.count().over().label("total")).order_by(order).limit(literal_column(str(NAMED)))
    )


UNSCANNED = _first(
    select(folders.c.path, folders.c.last_scan_at).where(
        folders.c.enabled == _TRUE,
        or_(
            expired(folders.c.last_scan_at, _A_WEEK_AGO),
            folders.c.last_scan_at.is_(None) & expired(folders.c.created_at, _A_DAY_AGO),
        ),
    ),
    folders.c.path,
)


def _outside(path: Column[Any]) -> Statement:
    """Select paths that are in none of the watched folders, where there are any of these."""
    size = func.length(folders.c.path)
    separators: list[ColumnElement[str]] = [literal_column("'/'"), literal_column("'\\'")]
    holds = select(_ONE).where(
        func.substr(path, _ONE, size) == folders.c.path,
        or_(
            func.length(path) == size,
            func.substr(path, size + _ONE, _ONE).in_(separators),
            func.substr(folders.c.path, size, _ONE).in_(separators),
        ),
    )
    return _first(select(path.label("path")).where(~holds.exists(), select(folders.c.id).exists()), path)


SERIES_OUTSIDE = _outside(series.c.folder_path)
MOVIES_OUTSIDE = _outside(movies.c.file_path)

_long_expired = (
    select(_ONE)
    .select_from(metadata)
    .where(expired(metadata.c.expires_at, _A_WEEK_AGO))
    .limit(literal_column(str(MOST_EXPIRED)))
)
LONG_EXPIRED = Statement(select(func.count()).select_from(_long_expired.subquery()))
