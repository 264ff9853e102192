"""Files as the old system writes them."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE writers (id INTEGER PRIMARY KEY, name TEXT, seen TEXT DEFAULT '');
CREATE TABLE books (
    id INTEGER PRIMARY KEY, writer INTEGER, editor INTEGER, title TEXT, language TEXT, state TEXT DEFAULT 'owned',
    pages INTEGER, sheets INTEGER, details TEXT DEFAULT '{}', added TEXT DEFAULT '', updated TEXT DEFAULT '', isbn TEXT
);
CREATE TABLE loans (id TEXT PRIMARY KEY, book INTEGER, lent INTEGER);
CREATE TABLE days (day TEXT PRIMARY KEY, reads INTEGER, kinds TEXT DEFAULT '{}');
CREATE TABLE settings (name TEXT, value TEXT);
"""

Rows = Sequence[Mapping[str, Any]]


def write_old(file: Path, schema: str = SCHEMA, **tables: Rows) -> Path:
    """Write a file with these rows, anew or beside those that it has."""
    is_new = not file.exists()
    with closing(sqlite3.connect(file)) as connection, connection:
        if is_new:
            connection.executescript(schema)
        for table, rows in tables.items():
            for row in rows:
                names = ", ".join(row)
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    return file


def writer(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Writer {number}", "seen": "2026-02-01T10:00:00", **fields}


def book(number: int, **fields: Any) -> dict[str, Any]:
    times = {"added": "2026-01-01T00:00:00", "updated": "2026-01-02T00:00:00"}
    return {"id": number, "writer": 1, "title": f"Book {number}", "language": "en", "pages": 100, **times, **fields}
