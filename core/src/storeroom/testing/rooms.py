"""Rooms for tests: opened once with the same plugins on a lane, and found empty by each test."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from sqlalchemy import Connection, Table, inspect, text

from storeroom.room import Storeroom
from storeroom.settings import Settings
from storeroom.testing import requires
from storeroom.testing.databases import Databases
from storeroom.testing.requirements import with_required

# Whoever races on a busy machine waits for its turn.
PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)

_ADOPTIONS = "storeroom_adoptions"


class Rooms:
    """Opens rooms at head for the length of a `with` block; one for each lane and set of plugins."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._open: dict[tuple[str, frozenset[str] | None], tuple[Storeroom, str]] = {}
        self._stack = ExitStack()

    def get(self, lane: str, plugins: Sequence[str] | None) -> tuple[Storeroom, str]:
        """Return the room with these plugins and those that they require, without a row in it, and its URL."""
        key = (lane, None if plugins is None else frozenset(plugins))
        if key not in self._open:
            allow = None if plugins is None else with_required(plugins)
            url = self._databases.create(lane)
            room = Storeroom.open(url, allow=allow, deny=(), strict=True, upgrade=True, settings=PATIENT)
            self._open[key] = self._stack.enter_context(room), url
        empty(self._open[key][0])
        return self._open[key]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def empty(room: Storeroom) -> None:
    """Delete every row of the plugins in use, and let ids begin at 1 again; what was adopted is forgotten."""
    models = [plugin.manifest.models for plugin in room.registry.plugins.values()]
    tables = [table for each in models if each is not None for table in each.metadata.sorted_tables]
    with room.write() as uow:
        (_delete if requires.database_file.met_by(uow) else _truncate)(uow.connection, tables)
        uow.connection.execute(text(f"DELETE FROM {_ADOPTIONS}"))


def _truncate(connection: Connection, tables: Sequence[Table]) -> None:
    names = [connection.dialect.identifier_preparer.format_table(table) for table in tables]
    if names:
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))


def _delete(connection: Connection, tables: Sequence[Table]) -> None:
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # tables may refer to each other in a circle
    for table in reversed(tables):
        connection.execute(table.delete())
    if inspect(connection).has_table("sqlite_sequence"):
        connection.execute(text("DELETE FROM sqlite_sequence"))
