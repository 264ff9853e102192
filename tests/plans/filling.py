"""Databases with so many rows in each large table of a plugin, made when they are first asked for."""

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from sqlalchemy import create_engine, make_url, text

from storeroom import Settings, Storeroom
from storeroom.testing import Databases, requires
from tests.plans.asking import MANY, Domain, Words
from tests.plans.hooks import HOOKS
from tests.plans.jobs import JOBS
from tests.plans.profiles import PROFILES
from tests.plans.providers import PROVIDERS
from tests.plans.standalone import STANDALONE
from tests.plans.wanted import WANTED

DOMAINS: dict[str, Domain] = {
    "hooks": HOOKS,
    "jobs": JOBS,
    "profiles": PROFILES,
    "providers": PROVIDERS,
    "standalone": STANDALONE,
    "wanted": WANTED,
}

PATIENT = Settings(statement_timeout=0)


class FilledRooms:
    """Opens rooms with filled tables for the length of a `with` block, of one plugin at a time: they are large.

    Tests undo what they do in them. PostgreSQL is told of how its tables are filled, which it does by itself a while
    after. SQLite is told in one of two rooms: it never is unless someone tells it.
    """

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._open: dict[tuple[str, str, int], Sequence[Storeroom]] = {}
        self._stack = ExitStack()

    def get(self, lane: str, plugin: str, rows: int = MANY) -> Sequence[Storeroom]:
        """Return the rooms with so many rows in each of the plugin's large tables."""
        key = (lane, plugin, rows)
        if key not in self._open:
            if any(each[:2] != key[:2] for each in self._open):
                self.close()
            self._open[key] = [self._opened(url, plugin) for url in self._made(lane, plugin, rows)]
        return self._open[key]

    def close(self) -> None:
        """Drop all of them."""
        self._open.clear()
        self._stack.close()

    def _created(self, lane: str) -> str:
        url = self._databases.create(lane)
        self._stack.callback(self._databases.drop, url)
        return url

    def _opened(self, url: str, plugin: str) -> Storeroom:
        return self._stack.enter_context(Storeroom.open(url, allow=[plugin], strict=True, settings=PATIENT))

    def _made(self, lane: str, plugin: str, rows: int) -> Sequence[str]:
        url = self._created(lane)
        with Storeroom.open(url, allow=[plugin], upgrade=True, settings=PATIENT) as room, room.write() as uow:
            for sql in DOMAINS[plugin].fill(Words(url, rows)):
                uow.connection.execute(text(sql.replace(":", r"\:")))
        if requires.planner_statistics.met_by(url):
            engine = create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                # Or it would find rows whose commit isn't on disk yet, and tell no index-only scan of them.
                connection.execute(text("SET synchronous_commit = on"))
                connection.execute(text("VACUUM ANALYZE"))
            engine.dispose()
            return [url]
        told = self._created(lane)
        _copy_and_analyse(make_url(url).database or "", make_url(told).database or "")
        return [url, told]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _copy_and_analyse(source: str, target: str) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
        new.execute("ANALYZE")
    for connection in (old, new):
        connection.close()
