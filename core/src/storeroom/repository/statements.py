"""The statements of the generic verbs, each built when it is first needed and kept: one for each shape.

They are made from the table and not from the mapped class, which would configure mappers at import.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)

from storeroom.repository.declaration import Declaration, Kinds
from storeroom.repository.paging import Order
from storeroom.sql import Statement, among
from storeroom.sql.upsert import upsert as upsert_construct

# So many statements of each kind are kept, of all repositories together; the one that wasn't used for longest makes
# room. One of many columns takes a hundred kilobytes, with what SQLAlchemy compiles of it.
_kept = lru_cache(maxsize=256)

LIMIT: ColumnElement[int] = bindparam("_limit")
OFFSET: ColumnElement[int] = bindparam("_offset")


@_kept
def get(declared: Declaration) -> Statement:
    """Select the row with a key."""
    return Statement(select(*declared.columns).where(_is_key(declared)))


@_kept
def exists(declared: Declaration) -> Statement:
    """Select the key of the row with a key."""
    return Statement(select(declared.key).where(_is_key(declared)))


@_kept
def any_row(declared: Declaration, kinds: Kinds) -> Statement:
    """Select the key of any row that meets the filters."""
    return Statement(_where(select(declared.key), declared, kinds).limit(literal_column("1")))


@_kept
def rows(declared: Declaration, kinds: Kinds, order: Order, *, limited: bool) -> Statement:
    """Select rows in an order, all or so many."""
    construct = _where(select(*declared.columns), declared, kinds).order_by(*order.clauses)
    return Statement(construct.limit(LIMIT) if limited else construct)


@_kept
def page(declared: Declaration, kinds: Kinds, order: Order, nulls: tuple[bool, ...] | None) -> Statement:
    """Select rows in an order from a cursor on, and after each row's columns those of the order.

    `nulls` tells which values of the cursor are NULL; it is None for the first page.
    """
    marks = [column.label(_mark(place)) for place, column in enumerate(order.columns)]
    construct = _where(select(*declared.columns, *marks), declared, kinds).order_by(*order.clauses).limit(LIMIT)
    if nulls is None:
        return Statement(construct)
    ranges = [construct.where(condition) for condition in order.after(nulls)]
    if len(ranges) == 1:
        return Statement(ranges[0])
    # Each in a subquery, since SQLite takes no ORDER BY and LIMIT in a part of a union.
    together = union_all(*(select(each.subquery()) for each in ranges)).subquery()
    ordered = [key.ordered(together.c[_mark(place)]) for place, key in enumerate(order.keys)]
    return Statement(select(together).order_by(*ordered).limit(LIMIT))


def _mark(place: int) -> str:
    return f"_order_{place}"


@_kept
def numbered_page(declared: Declaration, kinds: Kinds, order: Order) -> Statement:
    """Select rows in an order, so many after so many."""
    construct = _where(select(*declared.columns), declared, kinds)
    return Statement(construct.order_by(*order.clauses).limit(LIMIT).offset(OFFSET))


@_kept
def count(declared: Declaration, kinds: Kinds, *, limited: bool) -> Statement:
    """Count rows, all or up to so many."""
    if not limited:
        return Statement(_where(select(func.count()).select_from(declared.table), declared, kinds))
    some = _where(select(literal_column("1")).select_from(declared.table), declared, kinds).limit(LIMIT).subquery()
    return Statement(select(func.count()).select_from(some))


@_kept
def add(declared: Declaration) -> Statement:
    """Insert a row and return it."""
    return Statement(insert(declared.table).returning(*declared.columns))


@_kept
def upsert(declared: Declaration, fields: tuple[str, ...]) -> Statement:
    """Insert or change a row, and return it with its version where something was written; raises as check_upsert."""
    declared.check_upsert(fields, "upsert")
    rule = declared.upsert_rule
    construct = upsert_construct(rule.table, rule.key, fields, rule.rules)
    return Statement(construct.returning(*declared.columns, rule.version.label("_version")))


@_kept
def by_conflict_key(declared: Declaration) -> Statement:
    """Select the row with a conflict key."""
    rule = declared.upsert_rule
    conditions = [rule.table.c[name] == bindparam(name, type_=rule.table.c[name].type) for name in rule.key]
    return Statement(select(*declared.columns).where(*conditions))


@_kept
def change(declared: Declaration, *, locked: bool) -> Statement:
    """Update the row with a key, of a version if it is locked, and return it."""
    construct = update(declared.table).where(_is_key(declared))
    if declared.version is not None:
        construct = construct.values({declared.version: declared.version + literal_column("1")})
        if locked:
            construct = construct.where(declared.version == bindparam("_version", type_=declared.version.type))
    return Statement(construct.returning(*declared.columns))


@_kept
def version(declared: Declaration, column: Column[Any]) -> Statement:
    """Select the version of the row with a key."""
    return Statement(select(column).where(_is_key(declared)))


@_kept
def remove(declared: Declaration) -> Statement:
    """Delete the row with a key."""
    return Statement(delete(declared.table).where(_is_key(declared)))


@_kept
def prune(declared: Declaration, age: Column[Any], kinds: Kinds) -> Statement:
    """Delete so many of the rows that are older than a time, the oldest first, past those that others hold."""
    old = _where(select(declared.key), declared, kinds).where(age < bindparam("_before", type_=age.type))
    doomed = old.order_by(age, declared.key).limit(LIMIT).with_for_update(skip_locked=True)
    return Statement(delete(declared.table).where(among(declared.key, doomed)))


def _is_key(declared: Declaration) -> ColumnElement[bool]:
    return declared.key == bindparam("_key", type_=declared.key.type)


def _where(construct: Select[Any], declared: Declaration, kinds: Kinds) -> Select[Any]:
    conditions = [declared.filters[name].condition(declared.table, name, kind) for name, kind in kinds]
    return construct.where(*conditions)
