"""Indexes that are the same on both databases."""

from typing import Any

from sqlalchemy import Index, text


def partial_index(name: str | None, *columns: Any, where: str, unique: bool = False) -> Index:
    """Return an index over the rows that meet a condition, the same on both databases; with `unique`, a rule for them.

    `where` is SQL that both databases know, of constants and the table's columns. SQLite uses the index only for
    queries that have the condition in the same words: keep it in a constant, and give it to them as `text(CONSTANT)`.

    On both databases:  CREATE [UNIQUE] INDEX name ON table (columns) WHERE condition
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
