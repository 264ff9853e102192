"""Texts that are written otherwise in each dialect, such as SQL that fills a table or explains a plan."""

from typing import Any, TypeVar

from storeroom.testing.capabilities import backend_of

T = TypeVar("T")


def spelled(database: Any, *, sqlite: T, postgresql: T) -> T:
    """Return what is for the dialect of a database: its URL, the name of its lane, or what has a `dialect`."""
    return {"sqlite": sqlite, "postgresql": postgresql}[backend_of(database)]


def explained(database: Any, sql: str) -> str:
    """Return the statement that tells how another would be run."""
    return f"{spelled(database, sqlite='EXPLAIN QUERY PLAN', postgresql='EXPLAIN')} {sql}"
