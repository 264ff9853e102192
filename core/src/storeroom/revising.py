"""What revisions that change data are written with."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    TableClause,
    Update,
    and_,
    literal,
    or_,
    select,
    tuple_,
)

from storeroom.checks import checked_number
from storeroom.errors import ValueRefused

__all__ = ["in_batches"]

Key = Sequence[ColumnElement[Any]]


def in_batches(statement: Update | Delete, *, size: int = 1000, key: Sequence[str] = ()) -> int:
    """Run an UPDATE or DELETE of one table inside a revision, batch by batch in the order of its key.

    The statement's WHERE says which rows are still to be done, and the statement should make it false for each row
    that it changes: then no row is done twice, however often it is run. In a revision that declares
    `transactional = False` each batch commits for itself, so that writers wait for one batch at most, a kill leaves
    whole batches, and the next upgrade goes on with what is left. In a transactional revision they are one
    transaction.

    The rows up to the largest key that is there at the beginning are looked at once, so that it comes to an end also
    when others go on writing, or when the statement leaves its own condition true. `size` is the number of rows in a
    batch. `key` names columns that together are unique and never NULL, by default those of the primary key; a table
    that is written as `sa.table(…)` has none. The statement must not change them.
    Returns the number of rows that were changed. Raises ValueRefused for what can't be run in batches.
    """
    checked_number("size", size)
    table, condition = _taken_apart(statement)
    columns = _key_columns(table, key)
    connection = op.get_bind()
    _refuse_null(connection, columns, condition)
    last = _largest(connection, columns)
    if last is None:
        return 0
    due: Select[Any] = select(*columns).where(condition, _up_to(columns, last)).order_by(*columns).limit(size)
    changed = 0
    done: Sequence[Any] | None = None
    while True:
        # Fetched to the end: an open cursor would keep SQLite's snapshot, on which the statement couldn't write.
        keys = connection.execute(due if done is None else due.where(_after(columns, done))).all()
        if not keys:
            return changed
        batch = _up_to(columns, keys[-1])
        if done is not None:
            batch = and_(_after(columns, done), batch)
        changed += connection.execute(statement.where(batch)).rowcount
        done = keys[-1]


def _taken_apart(statement: object) -> tuple[TableClause, ColumnElement[bool]]:
    """Return the statement's table and its condition."""
    if not isinstance(statement, Update | Delete) or not isinstance(statement.table, TableClause):
        raise ValueRefused(
            f"statement: {type(statement).__name__} can't be run in batches; give an UPDATE or a DELETE of one table, "
            "as sa.update(notes).where(…).values(…)",
            field="statement",
        )
    if statement.whereclause is None:
        raise ValueRefused(
            f"statement: it changes every row of {statement.table.name!r}, and would change some twice after a kill; "
            "say with where(…) which rows are still to be done",
            field="statement",
        )
    if statement.returning_column_descriptions:
        raise ValueRefused(
            "statement: nobody gets the rows that its RETURNING asks for; leave it out", field="statement"
        )
    return statement.table, statement.whereclause


def _key_columns(table: TableClause, names: Sequence[str]) -> Key:
    """Find the columns of the key."""
    if isinstance(names, str):
        raise ValueRefused(
            f"key: {names!r} isn't a list of columns' names; write key=[{names!r}]", field="key", value=names
        )
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        raise ValueRefused(
            f"key: table {table.name!r} is written without {', '.join(map(repr, unknown))}; name columns of it, "
            f"such as {', '.join(map(repr, table.columns.keys()))}",
            field="key",
            value=names,
        )
    columns: Key = [table.columns[name] for name in names] or [*table.primary_key]
    if not columns:
        raise ValueRefused(
            f"key: table {table.name!r} is written without a primary key; name its columns, as key=['id']", field="key"
        )
    return columns


def _refuse_null(connection: Connection, columns: Key, condition: ColumnElement[bool]) -> None:
    """Refuse a key that is NULL in a row that is due, which would be passed over in silence."""
    is_null = or_(*(column.is_(None) for column in columns))
    if connection.execute(select(*columns).where(is_null, condition).limit(1)).first() is not None:
        names = ", ".join(column.key or "" for column in columns)
        raise ValueRefused(
            f"key: a row that is to be changed has NULL in {names}; name other columns with key=, or fill these first",
            field="key",
        )


def _largest(connection: Connection, columns: Key) -> Sequence[Any] | None:
    """Return the largest key; PostgreSQL would take NULL for it."""
    keys = select(*columns).where(*(column.is_not(None) for column in columns))
    return connection.execute(keys.order_by(*(column.desc() for column in columns)).limit(1)).first()


def _after(columns: Key, row: Sequence[Any]) -> ColumnElement[bool]:
    return _one(columns) > _one(_literals(columns, row))


def _up_to(columns: Key, row: Sequence[Any]) -> ColumnElement[bool]:
    return _one(columns) <= _one(_literals(columns, row))


def _one(elements: Key) -> ColumnElement[Any]:
    """Return a single element as it is, and several as one row value, which both databases look up in an index."""
    return elements[0] if len(elements) == 1 else tuple_(*elements)


def _literals(columns: Key, row: Sequence[Any]) -> Key:
    return [literal(value, column.type) for column, value in zip(columns, row, strict=True)]
