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


@Capability
def native_types() -> tuple[str, ...]:
    """Times, intervals, truth values and documents have types of their own, and aren't kept as text or numbers."""
    return (_POSTGRESQL,)


@Capability
def whole_sets() -> tuple[str, ...]:
    """A set of rows travels as one parameter or is copied, and not in lists of values: one statement, however long."""
    return (_POSTGRESQL,)


@Capability
def planner_statistics() -> tuple[str, ...]:
    """The planner weighs what it has counted of the rows: a test lets it count, and it may scan where that is cheap."""
    return (_POSTGRESQL,)


@Capability
def named_foreign_keys() -> tuple[str, ...]:
    """An error tells which foreign key was violated, and of which table."""
    return (_POSTGRESQL,)


@Capability
def altering_in_place() -> tuple[str, ...]:
    """A column is changed in place, and the table isn't made anew for it."""
    return (_POSTGRESQL,)


@Capability
def schemas() -> tuple[str, ...]:
    """A database has schemas, which are found in the order of a search path."""
    return (_POSTGRESQL,)


@Capability
def ready_connections() -> tuple[str, ...]:
    """A program's plain connection begins transactions and checks foreign keys without being told to."""
    return (_POSTGRESQL,)
