"""`read_schema`: what a database has, by the driver's own connection."""

import sqlite3
from collections.abc import Collection, Mapping
from typing import Any

from storeroom.schema.postgresql import read_postgresql
from storeroom.schema.sqlite import read_sqlite
from storeroom.schema.tables import TableSchema


def read_schema(driver: Any, tables: Collection[str]) -> Mapping[str, TableSchema]:
    """Read the tables with these names, of SQLite's main database or PostgreSQL's current schema.

    What isn't there is left out, and so is what has such a name and is no table. No other table is looked at, but for
    the primary key of one that a foreign key refers to.
    """
    if isinstance(driver, sqlite3.Connection):
        return read_sqlite(driver, tables)
    return read_postgresql(driver, tables)
