"""Running one revision: inside the upgrade's transaction, or alone outside any."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storeroom.engine import Backend, Transaction
from storeroom.errors import (
    StoreroomError,
    TransactionEnded,
    TransientError,
)
from storeroom.migrations.guard import Watch, operations
from storeroom.migrations.revisions import Revision

_CURES = {
    "SQLITE_AUTH": "a revision may not begin, commit or roll back, since all plugins' revisions are one transaction; "
    "declare transactional = False in it if it can't run inside one",
    "53200": "raise max_locks_per_transaction on the server: all pending revisions are one transaction",
}


def run_in_transaction(transaction: Transaction, backend: Backend, revision: Revision) -> Watch:
    """Run a revision in the upgrade's transaction, and see that it is the same transaction afterwards.

    Raises RevisionFailed, or the TransientError that makes the whole upgrade worth another try.
    """
    driver = transaction.runner.driver
    with _blaming(revision, backend):
        identity = backend.transaction_id(driver)
        with operations(transaction.expose(), transactional=True) as watch:
            revision.upgrade()
        if not backend.in_transaction(driver) or backend.transaction_id(driver) != identity:
            raise TransactionEnded(
                "it ended the transaction, or went on after a statement in it had failed; put that into a savepoint"
            )
    return watch


def run_alone(connection: Connection, backend: Backend, revision: Revision) -> Watch:
    """Run a revision that is declared `transactional = False`, each statement for itself."""
    with _blaming(revision, backend):
        with operations(connection, transactional=False) as watch:
            revision.upgrade()
        if backend.in_transaction(connection.connection.driver_connection):
            raise TransactionEnded("it began a transaction and left it open; commit what it begins")
    return watch


@contextmanager
def _blaming(revision: Revision, backend: Backend) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        origin = error.orig or error if isinstance(error, DBAPIError) else error
        failure = backend.classify(origin)  # the driver's own errors, from a revision's cursor, come unwrapped
        if isinstance(failure, TransientError):
            raise failure from origin
        if origin is error:
            text = str(error) if isinstance(error, StoreroomError) else f"{type(error).__name__}: {error}"
        else:
            text = str(failure)
        raise revision.failed(_CURES.get(failure.code or "", text)) from error
