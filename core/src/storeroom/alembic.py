"""For a program that has an Alembic of its own in the same database: what it leaves to Storeroom."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Table, select, text

from storeroom.migrations.ledger.models import LedgerObject

__all__ = ["IncludeName", "include_name"]

IncludeName = Callable[[str | None, Any, Any], bool]
"""What Alembic asks about all that it finds in the database: a name, its kind, and a mapping of the names above it."""

_OBJECTS = cast("Table", LedgerObject.__table__)

# The schema in which an unqualified name finds the ledger; no row where there is none.
_SCHEMA_OF_LEDGER = {
    "sqlite": "SELECT 'main' FROM sqlite_master WHERE type = 'table' AND name = :name",
    "postgresql": (
        "SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE c.oid = to_regclass(:name)"
    ),
}


def include_name(connection: Connection, otherwise: IncludeName | None = None) -> IncludeName:
    """Return what keeps a program's `alembic revision --autogenerate` away from Storeroom's tables.

    In the program's env.py: `context.configure(connection=connection, include_name=include_name(connection), …)`.
    Storeroom's are the tables and indexes that the ledger gives to a plugin, installed or not, and the ledger itself;
    a table that was forgotten is the program's, and so is one that only has a name like a plugin's. Where there is no
    ledger yet, nothing is left out. `otherwise` decides about all else, which is included by default.

    The ledger is read once, here, and the connection is in a transaction afterwards only if it was before. Models
    of the program refer to a plugin's table by attribute, and name the column's type, as in
    `mapped_column(Integer, ForeignKey(Note.id, ondelete="CASCADE"))`: a plugin's table in the program's own MetaData
    would be taken for a new one, and Alembic doesn't import the type that the plugin's column has.
    """
    began = not connection.in_transaction()
    try:
        schema = _schema_of_ledger(connection)
        owned = set()
        if schema is not None:
            owned = {(kind, name) for kind, name in connection.execute(select(_OBJECTS.c.kind, _OBJECTS.c.name))}
    finally:
        if began:  # or Alembic would leave the commit to whoever began it
            connection.rollback()

    def include(name: str | None, kind: Any, parents: Mapping[Any, str | None]) -> bool:
        if (kind, name) in owned and parents.get("schema_name") in (None, schema):
            return False
        return otherwise is None or otherwise(name, kind, parents)

    return include


def _schema_of_ledger(connection: Connection) -> str | None:
    """Find the ledger; a database of another kind has none."""
    query = _SCHEMA_OF_LEDGER.get(connection.dialect.name)
    return None if query is None else connection.scalar(text(query), {"name": _OBJECTS.name})
