"""Running one revision: inside the upgrade's transaction, or alone outside any."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from types import FunctionType

from sqlalchemy import Connection

from storeroom.engine import Backend, Transaction, driver_error
from storeroom.errors import (
    Busy,
    ConstraintViolated,
    DatabaseError,
    PreviewRefused,
    ReadOnly,
    RevisionFailed,
    StoreroomError,
    TransactionEnded,
    TransientError,
)
from storeroom.migrations.guard import REFUSAL, SEAL, Watch, operations
from storeroom.migrations.revisions import Revision

_CURES = {
    "SQLITE_AUTH": REFUSAL,
    "53200": "raise max_locks_per_transaction on the server: all pending revisions are one transaction",
}


class LockRefused(Exception):
    """A revision waited in vain for a lock: the whole upgrade is worth another try."""

    def __init__(self, revision: Revision, reason: BaseException) -> None:
        super().__init__(f"revision {revision.id!r} of plugin {revision.plugin!r} waited in vain for a lock: {reason}")
        self._revision = revision
        self._reason = reason

    def failed(self) -> RevisionFailed:
        """Make the error to give up with."""
        return self._revision.failed(
            f"it waited in vain for a lock ({self._reason}), and who holds it can't be told; upgrade again when its "
            "tables are not in use, or raise STOREROOM_MIGRATION_LOCK_TIMEOUT"
        )


def run_in_transaction(transaction: Transaction, backend: Backend, revision: Revision) -> Watch:
    """Run a revision in the upgrade's transaction, and see that it is the same transaction afterwards.

    Raises RevisionFailed; LockRefused or a TransientError when the whole upgrade is worth another try.
    """
    driver = transaction.runner.driver
    with blaming(revision, backend):
        identity = backend.transaction_id(driver)
        with operations(transaction.expose(), transactional=True) as watch:
            revision.run()
        if not backend.in_transaction(driver) or backend.transaction_id(driver) != identity:
            raise TransactionEnded(
                "it ended the transaction, or went on after a statement in it had failed; put that into a savepoint"
            )
    return watch


def run_alone(connection: Connection, backend: Backend, revision: Revision) -> Watch:
    """Run a revision that is declared `transactional = False`, each statement for itself."""
    with blaming(revision, backend):
        with operations(connection, transactional=False) as watch:
            revision.run()
        if backend.in_transaction(connection.connection.driver_connection):
            raise TransactionEnded("it began a transaction and left it open; commit what it begins")
    return watch


@contextmanager
def blaming(revision: Revision, backend: Backend) -> Iterator[None]:
    """Raise RevisionFailed, with the line, for what a revision raises; LockRefused, TransientError as they are."""
    try:
        yield
    except PreviewRefused:
        raise
    except (Exception, SystemExit) as error:
        origin = driver_error(error)
        failure = backend.classify(origin)  # the driver's own errors, from a revision's cursor, come unwrapped
        if isinstance(failure, Busy):
            raise LockRefused(revision, origin) from failure
        if isinstance(failure, TransientError):
            raise failure from origin
        cure = _outside_cure(failure)
        if cure is not None:
            text = str(origin).partition("\n")[0]
        elif origin is error:
            text = str(error) if isinstance(error, StoreroomError) else f"{type(error).__name__}: {error}"
        else:
            text = str(failure)
        if isinstance(failure, ConstraintViolated) and failure.constraint == SEAL:
            text = f"{REFUSAL}; SET CONSTRAINTS takes the names of those that are meant, never ALL"
        elif failure.code in _CURES:
            text = f"{text}; {_CURES[failure.code]}"
        raise revision.failed(f"{text}{_place(revision, error)}", cure) from error


def _outside_cure(failure: DatabaseError) -> str | None:
    """Say what to do where not the revision is at fault but what its user may do, else None."""
    if isinstance(failure, ReadOnly):
        return "let this user write to the database, its file and its folder"
    if failure.code == "42501":
        return "grant the database's role what it needs, such as CREATE on the schema"
    return None


def _place(revision: Revision, error: BaseException) -> str:
    """Say which line of the revision's file it came from, if it came from one."""
    if not isinstance(revision.run, FunctionType):
        return ""
    file = revision.run.__code__.co_filename
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f" (line {lines[-1]} of {Path(file).name})" if lines else ""
