"""What goes wrong in practice, made to happen: a lock that others hold, a deadlock, a lost connection, a kill.

Each is real: it comes from another connection or another process, and the database itself says so.
"""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, text

from storeroom.errors import ConfigurationError
from storeroom.room import Storeroom
from storeroom.sql import Statement
from storeroom.testing import requires
from storeroom.testing.capabilities import Capability
from storeroom.testing.processes import Here, kill_at
from storeroom.unitofwork import UnitOfWork

__all__ = ["Here", "deadlock", "kill_at", "locked", "lose_connection"]

_PATIENCE = 30.0

# Two advisory locks, in a space of their own: "room" in ASCII.
_SPACE, _OURS, _THEIRS = 0x726F6F6D, 1, 2
_TAKE = "SELECT pg_advisory_xact_lock(:space, :key)"
_TAKE_AS_DRIVER = "SELECT pg_advisory_xact_lock(%s, %s)"

_PID = Statement(text("SELECT pg_backend_pid()"))
_LOCK = Statement(text(_TAKE))
_HASTE = Statement(text("SELECT set_config('deadlock_timeout', '10ms', true)"))


@contextmanager
def locked(room: Storeroom) -> Iterator[None]:
    """Hold, by another connection, what every write of a room has to wait for, until the block ends.

    That is SQLite's write lock, and on PostgreSQL every table of the plugins in use, so that reads wait as well. A room
    that is to fail soon has short timeouts: `open_room(busy_timeout=0.1, lock_timeout=0.1)`.
    """
    with room.read() as uow:
        url, on_server = uow.connection.engine.url, requires.server.met_by(uow)
        quote = uow.dialect.identifier_preparer.format_table
        models = [plugin.manifest.models for plugin in room.registry.plugins.values()]
        names = [quote(table) for each in models if each is not None for table in each.metadata.sorted_tables]
    if on_server:
        with _connected(url) as other, other.transaction():
            other.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE".encode())
            yield
    else:
        with closing(sqlite3.connect(url.database or "", isolation_level=None, timeout=_PATIENCE)) as file:
            file.execute("BEGIN IMMEDIATE")
            yield
            file.execute("ROLLBACK")


def lose_connection(uow: UnitOfWork) -> None:
    """End the connection of a unit of work, as an administrator or a failing server does; its next statement fails.

    Requires a server.
    """
    _demand(uow, requires.server)
    with _connected(uow.connection.engine.url) as other:
        other.execute("SELECT pg_terminate_backend(%s, %s)", [_PID.scalar(uow), int(_PATIENCE * 1000)])


def deadlock(uow: UnitOfWork) -> None:
    """Run a unit of work into a deadlock with another connection, and let it be the victim: raises what that raises.

    Requires row locks, and a role that may set deadlock_timeout, as that of the servers that tests start.
    """
    _demand(uow, requires.row_locks)
    _HASTE.scalar(uow)
    _LOCK.scalar(uow, space=_SPACE, key=_OURS)
    with _connected(uow.connection.engine.url) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SET deadlock_timeout = '1h'")  # or it could be the one that finds the deadlock
        with other.transaction():
            other.execute(_TAKE_AS_DRIVER, [_SPACE, _THEIRS])
            waiting = pool.submit(other.execute, _TAKE_AS_DRIVER, [_SPACE, _OURS])
            _await_lock(uow.connection.engine.url, other.info.backend_pid)
            try:
                _LOCK.scalar(uow, space=_SPACE, key=_THEIRS)
            finally:
                other.cancel_safe()
                waiting.exception()


def _await_lock(url: URL, backend: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    query = sql.SQL("SELECT true FROM pg_locks WHERE pid = {} AND NOT granted").format(backend)
    with _connected(url) as watching:
        while watching.execute(query).fetchone() is None:
            if time.monotonic() > deadline:
                raise ConfigurationError(f"the other connection doesn't wait after {_PATIENCE:.0f} seconds; try again")
            time.sleep(0.002)


@contextmanager
def _connected(url: URL) -> Iterator[Any]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def _demand(uow: UnitOfWork, capability: Capability) -> None:
    if not capability.met_by(uow):
        raise ConfigurationError(
            f"{uow.dialect.name} can't do that: it takes {capability.name}; mark the test @{capability!r}"
        )
