"""The databases of the contenders: one each, on the same server, with the same tables and the same settings."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.data import STORED, Item
from benchmarks.encoding import row_encoder
from storeroom import Storeroom
from storeroom.testing import Server, connect_server, find_binaries, start_server

SQLITE = "SQLite"
POSTGRESQL = "PostgreSQL"
PLUGINS = ("jobs", "providers", "wanted")

# Storeroom's defaults, in milliseconds.
BUSY = 5_000
LONGEST = 30_000


@dataclass
class Database:
    """One contender's database. `content` says what `prepare` has put into it, as long as nobody has written since."""

    kind: str
    url: str
    content: object = field(default=None, init=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is SQLite."""
        return self.kind == SQLITE

    def connect(self) -> Any:
        """Return a connection of the driver's own, with Storeroom's settings."""
        return self._connect_sqlite() if self.is_sqlite else self._connect_postgresql()

    def _connect_sqlite(self) -> sqlite3.Connection:
        connection = sqlite3.connect(make_url(self.url).database or "", isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout={BUSY}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _connect_postgresql(self) -> psycopg.Connection[Any]:
        url = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, options=f"-c lock_timeout={BUSY} -c statement_timeout={LONGEST}")

    def fill(self, content: object, tables: Sequence[str], items: Iterable[Item] = ()) -> None:
        """Empty the tables and put these items into `wanted`, unless that is what is there."""
        if content is not None and content == self.content:
            return
        with closing(self.connect()) as connection:
            (self._fill_sqlite if self.is_sqlite else self._fill_postgresql)(connection, tables, items)
        self.content = content

    def _fill_sqlite(self, connection: sqlite3.Connection, tables: Sequence[str], items: Iterable[Item]) -> None:
        encode = row_encoder(STORED, is_sqlite=True)
        connection.execute("BEGIN IMMEDIATE")
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("COMMIT")
        marks = ",".join("?" * len(STORED))
        insert = f"INSERT INTO wanted ({','.join(STORED)}) VALUES ({marks})"
        rest = iter(items)
        for first in rest:
            # A transaction over a million rows would leave a log of its size behind.
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, map(encode, chain([first], islice(rest, 100_000))))
            connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _fill_postgresql(
        self, connection: psycopg.Connection[Any], tables: Sequence[str], items: Iterable[Item]
    ) -> None:
        encode = row_encoder(STORED, is_sqlite=False)
        connection.execute("SET statement_timeout = 0")
        connection.execute(f"TRUNCATE {', '.join(tables)}")
        with connection.cursor() as cursor, cursor.copy(f"COPY wanted ({','.join(STORED)}) FROM STDIN") as copy:
            for row in map(encode, items):
                copy.write_row(row)
        connection.commit()
        connection.autocommit = True
        for table in tables:
            connection.execute(f"VACUUM ANALYZE {table}")


class Databases:
    """Makes databases of one kind, each with the tables of the domain plugins at head."""

    def __init__(self, kind: str, folder: Path, server: Server | None = None) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._numbers = count(1)

    @contextmanager
    def create(self, plugins: Sequence[str] = PLUGINS) -> Iterator[Database]:
        """Make a database, with the tables of these plugins, while the block runs."""
        if self._server is None:
            url = f"sqlite:///{self._folder}/bench{next(self._numbers)}.db"
        else:
            url = self._server.create_database()
        try:
            Storeroom.open(url, allow=plugins, upgrade=True, strict=True).close()
            yield Database(self.kind, url)
        finally:
            if self._server is not None:
                self._server.drop_database(url)


@contextmanager
def kinds(chosen: Sequence[str] = (SQLITE, POSTGRESQL)) -> Iterator[Sequence[Databases]]:
    """Start what the chosen kinds need: a folder for files; the newest PostgreSQL at hand, or TEST_PG_URL's server."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        made = [Databases(SQLITE, folder)] if SQLITE in chosen else []
        if POSTGRESQL not in chosen:
            yield made
        elif "TEST_PG_URL" in os.environ:
            yield [*made, Databases(POSTGRESQL, folder, connect_server(os.environ["TEST_PG_URL"]))]
        else:
            with start_server(find_binaries()[-1]) as server:
                yield [*made, Databases(POSTGRESQL, folder, server)]
