"""Migrations that kill their own process before the n-th statement that could change anything."""

import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from storeroom.installation import Installation
from storeroom.lifecycle import downgrade, purge
from storeroom.testing import requires
from tests.migrations.installations import installed

Tick = Callable[[str], None]

# To die before a read is to die before what comes after it; what SQLite does inside a statement is told as a comment.
_READING = re.compile(r"\s*(SELECT|--|PRAGMA\s+[^=]*$)", re.IGNORECASE)


def upgrade_until(url: str, *rest: Any) -> list[str]:
    """Upgrade with the plugins that are named before the last argument, which counts the statements to live for."""
    *names, left = rest
    with _living_for(left, url, *names) as installation:
        return [revision for _, revision in installation.upgrade()]


def downgrade_until(url: str, name: str, target: str, left: int) -> list[str]:
    """Downgrade a plugin, and live for so many statements."""
    with _living_for(left, url, name) as installation:
        return [each.id for each in downgrade(installation.database, installation.registry, name, target)]


def purge_until(url: str, name: str, left: int) -> list[str]:
    """Purge a plugin, and live for so many statements."""
    with _living_for(left, url, name) as installation:
        return list(purge(installation.database, installation.registry, name))


@contextmanager
def _living_for(left: int, url: str, *names: str) -> Iterator[Installation]:
    def tick(statement: str) -> None:
        nonlocal left
        if _READING.match(statement):
            return
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    with installed(url, *names) as installation:
        engine = installation.database.engine
        if requires.database_file.met_by(engine):
            event.listen(engine, "connect", lambda driver, _record: _watch(driver, tick))
        else:
            event.listen(
                engine, "do_connect", lambda _dialect, _record, args, options: connect_ticking(tick, args, options)
            )
        yield installation


def _watch(driver: sqlite3.Connection, tick: Tick) -> None:
    driver.set_trace_callback(tick)


def connect_ticking(tick: Tick, args: Any, options: dict[str, Any]) -> psycopg.Connection[Any]:
    """Connect so that it ticks before each statement, and on either side of a commit."""

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **more: Any) -> Any:
            tick(str(query))
            return super().execute(query, *rest, **more)

    class Connection(psycopg.Connection[Any]):
        def commit(self) -> None:
            tick("COMMIT")
            super().commit()
            tick("COMMITTED")

    return Connection.connect(*args, **options, cursor_factory=Cursor)
