"""What a database refuses."""

from collections.abc import Sequence

from storeroom.errors.base import StoreroomError


class DatabaseError(StoreroomError):
    """The database refused; `code` is the SQLSTATE, or SQLite's error name.

    Cure: look at `code`, and in the database's own log; the driver's error is the `__cause__`.
    """

    code: str | None = None


class TransientError(DatabaseError):
    """The same transaction may succeed when it is run again, as `Storeroom.run` does.

    Cure: run the whole transaction again, as `Storeroom.run` does.
    """


class Busy(TransientError):
    """Another transaction holds a lock that this one needs, and the wait for it was too long.

    Cure: run the transaction again, as `Storeroom.run` does; keep writing ones short; raise STOREROOM_BUSY_TIMEOUT
    (SQLite) or STOREROOM_LOCK_TIMEOUT (PostgreSQL).
    """


class SerializationConflict(TransientError):
    """A deadlock, or a snapshot that another transaction has overtaken.

    Cure: run the transaction again, as `Storeroom.run` does; write rows in one order in all transactions.
    """


class ConnectionLost(TransientError):
    """The connection broke before the commit; nothing was written.

    Cure: run the transaction again, as `Storeroom.run` does; see why the server or the network went away.
    """


class Timeout(DatabaseError):
    """A statement, or the wait for a free connection, took longer than its setting allows.

    Cure: make the statement faster, or raise STOREROOM_STATEMENT_TIMEOUT; where connections ran out, close units of
    work sooner, or raise STOREROOM_POOL_SIZE.
    """


class ReadOnly(DatabaseError):
    """A write in a reading unit of work, or to a database that is read-only.

    Cure: write in `room.write()`; make the file and its folder writable, or connect to the primary server.
    """


class ConstraintViolated(DatabaseError):
    """A constraint doesn't allow this row.

    `constraint` is its name, where the database or the model tells it; `table` and `columns` likewise.

    Cure: change the row that is to be written; `constraint`, `table` and `columns` say by what.
    """

    constraint: str | None = None
    table: str | None = None
    columns: Sequence[str] = ()


class Duplicate(ConstraintViolated):
    """A row with the same unique key exists.

    Cure: use an upsert, or take the row that is there; in a savepoint, the rest of the transaction goes on.
    """


class ForeignKeyMissing(ConstraintViolated):
    """The row refers to one that isn't there, or is referred to by one that is.

    Cure: write the row that is referred to first; delete those that refer to it before it.
    """


class CheckFailed(ConstraintViolated):
    """A value is outside what a check constraint allows.

    Cure: give a value that the check named in `constraint` allows.
    """


class NullRefused(ConstraintViolated):
    """A column that must have a value has none.

    Cure: give the columns named in `columns` a value.
    """


class DatabaseUnavailable(DatabaseError):
    """The database file can't be opened, or the server can't be reached.

    Cure: see that the file's folder is there and may be entered, or that the server runs and the URL names it; then its
    user and password.
    """


class OutcomeUnknown(DatabaseError):
    """The connection broke during the commit: the transaction may have been written, or not.

    Cure: look whether the transaction was written before running it again; `Storeroom.run` doesn't repeat it.
    """


class StatementFailed(DatabaseError):
    """The database refused a statement for a reason that has no class of its own.

    Cure: correct the statement: the text has the database's words.
    """
