"""From a driver's error to Storeroom's: what happened, in the database's words, and what to do."""

from collections.abc import Sequence

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import ColumnCollectionConstraint

from storeroom.errors import (
    Busy,
    CheckFailed,
    ConnectionLost,
    DatabaseError,
    DatabaseUnavailable,
    Duplicate,
    ForeignKeyMissing,
    NullRefused,
    ReadOnly,
    SerializationConflict,
    StatementFailed,
    Timeout,
)

_CURES: dict[type[DatabaseError], tuple[str, str]] = {
    Busy: (
        "another transaction holds the lock",
        "run the transaction again, as Storeroom.run does; if this task itself holds a writing unit of work that was "
        "opened in another context (a thread, a copied context), it waits for itself",
    ),
    SerializationConflict: (
        "another transaction was in the way",
        "run the whole transaction again, as Storeroom.run does",
    ),
    ConnectionLost: (
        "the connection to the database was lost",
        "nothing was written; run the transaction again, as Storeroom.run does",
    ),
    Timeout: ("a statement took too long", "make it do less, or raise STOREROOM_STATEMENT_TIMEOUT"),
    ReadOnly: (
        "a write was refused",
        "in a program, write in room.write(); if that is so, let this user write to the database: on SQLite to its "
        "file and its folder, on PostgreSQL at the primary server",
    ),
    Duplicate: ("a row with this key exists", "change the key, or use an upsert"),
    ForeignKeyMissing: (
        "a foreign key doesn't hold",
        "write the row that is referred to first, and delete it after those that refer to it",
    ),
    CheckFailed: ("a value isn't allowed", "use one that the check allows"),
    NullRefused: ("a value is missing", "give the column a value"),
    DatabaseUnavailable: ("the database can't be opened", "check the URL, the file and the server"),
    StatementFailed: ("the database refused a statement", "correct it, or grant the database's role what it needs"),
}


def driver_error(error: BaseException) -> BaseException:
    """Return the driver's own error where SQLAlchemy wrapped it, else the error itself."""
    return error.orig or error if isinstance(error, DBAPIError) else error


def describe(kind: type[DatabaseError], text: str, **facts: object) -> DatabaseError:
    """Make an error of this kind around the database's own words."""
    what, cure = _CURES[kind]
    return kind(f"{what}: {' '.join(text.split())}; {cure}", **facts)


def describe_opening(kind: type[DatabaseError], text: str, cure: str, code: str | None) -> DatabaseError:
    """Make an error of this kind for a database that can't be opened, whichever way."""
    what, _ = _CURES[DatabaseUnavailable]
    return kind(f"{what}: {' '.join(text.split())}; {cure}", code=code)


def constraint_columns(table: Table | None, name: str | None) -> Sequence[str]:
    """Return the columns of the table's constraint or unique index of this name."""
    for rule in (*table.constraints, *table.indexes) if table is not None else ():
        if isinstance(rule, ColumnCollectionConstraint | Index) and rule.name == name:
            return tuple(column.name for column in rule.columns)
    return ()


def unique_constraint(table: Table | None, columns: Sequence[str]) -> str | None:
    """Return the name of the table's unique constraint, index or primary key over just these columns."""
    if table is None:
        return None
    rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint)]
    for rule in [*rules, *(index for index in table.indexes if index.unique)]:
        if [column.name for column in rule.columns] == list(columns) and rule.name is not None:
            return str(rule.name)
    return None
