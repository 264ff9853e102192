"""What a test may need of a database, by name: `@requires.row_locks`, or `requires.row_locks.met_by(uow)`.

A test never names a database: it names what it needs, and runs wherever that is.
"""

from storeroom.testing.capabilities import BACKENDS, Capability

_SQLITE, _POSTGRESQL = BACKENDS


@Capability
def server() -> tuple[str, ...]:
    """A server that clients connect to, so that connections can be lost, counted and ended by others."""
    return (_POSTGRESQL,)


@Capability
def database_file() -> tuple[str, ...]:
    """The database is one file, which can be copied, moved, made read-only, or not be there."""
    return (_SQLITE,)


@Capability
def row_locks() -> tuple[str, ...]:
    """Transactions lock rows, so that several can write at once, wait for one another, and end in a deadlock."""
    return (_POSTGRESQL,)
