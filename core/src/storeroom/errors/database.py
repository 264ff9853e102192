"""What a database refuses."""

from collections.abc import Sequence

from storeroom.errors.base import StoreroomError


class DatabaseError(StoreroomError):
    """The database refused; `code` is the SQLSTATE, or SQLite's error name."""

    code: str | None = None


class TransientError(DatabaseError):
    """The same transaction may succeed when it is run again, as `Storeroom.run` does."""


class Busy(TransientError):
    """Another transaction holds a lock that this one needs, and the wait for it was too long."""


class SerializationConflict(TransientError):
    """A deadlock, or a snapshot that another transaction has overtaken."""


class ConnectionLost(TransientError):
    """The connection broke before the commit; nothing was written."""


class Timeout(DatabaseError):
    """A statement, or the wait for a free connection, took longer than its setting allows."""


class ReadOnly(DatabaseError):
    """A write in a reading unit of work, or to a database that is read-only."""


class ConstraintViolated(DatabaseError):
    """A constraint doesn't allow this row.

    `constraint` is its name, where the database or the model tells it; `table` and `columns` likewise.
    """

    constraint: str | None = None
    table: str | None = None
    columns: Sequence[str] = ()


class Duplicate(ConstraintViolated):
    """A row with the same unique key exists."""


class ForeignKeyMissing(ConstraintViolated):
    """The row refers to one that isn't there, or is referred to by one that is."""


class CheckFailed(ConstraintViolated):
    """A value is outside what a check constraint allows."""


class NullRefused(ConstraintViolated):
    """A column that must have a value has none."""


class DatabaseUnavailable(DatabaseError):
    """The database file can't be opened, or the server can't be reached."""


class OutcomeUnknown(DatabaseError):
    """The connection broke during the commit: the transaction may have been written, or not."""


class StatementFailed(DatabaseError):
    """The database refused a statement for a reason that has no class of its own."""
