"""What the tests of migrations share: an installation of named plugins, and looks at a database from outside."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect

from storeroom.engine import parse_url
from storeroom.installation import Installation
from storeroom.registry import Registry
from storeroom.schema import TableSchema, read_schema
from storeroom.settings import Settings


@contextmanager
def installed(url: str, *names: str, settings: Settings | None = None) -> Iterator[Installation]:
    """An installation of these plugins, beside core's own."""
    installation = Installation.connect(url, allow=names, settings=settings)
    try:
        yield installation
    finally:
        installation.close()


def upgrade(url: str, *names: str, settings: Settings | None = None) -> Sequence[str]:
    """Upgrade with these plugins and return the ids of the revisions that were applied, without the ledger's own."""
    with installed(url, *names, settings=settings) as installation:
        return [revision for plugin, revision in installation.upgrade() if plugin != "storeroom"]


def uninstall(site: Path, name: str) -> None:
    """Remove a distribution's metadata, so that another version of the plugin can be made in its place."""
    shutil.rmtree(site / f"storeroom_{name}-1.0.dist-info")


def registry_after_upgrade(url: str, *names: str) -> Registry:
    with installed(url, *names) as installation:
        installation.upgrade()
        return installation.registry


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection of a stranger's, on which each statement commits."""
    engine = create_engine(parse_url(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def execute(url: str, *statements: str) -> None:
    with connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    with connected(url) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def tables(url: str) -> set[str]:
    """The tables that are not the ledger's."""
    with connected(url) as connection:
        return {name for name in inspect(connection).get_table_names() if not name.startswith("storeroom_")}


def heads(url: str) -> dict[str, str]:
    """What the ledger says of each plugin, without core's own."""
    rows = query(url, "SELECT name, head FROM storeroom_plugins WHERE name <> 'storeroom'")
    return {str(name): str(head) for name, head in rows}


def picture(url: str) -> dict[str, tuple[TableSchema, list[str]]]:
    """All that an upgrade could change: the schema and the rows of every table, without times."""
    with connected(url) as connection:
        inspector = inspect(connection)
        schemas = read_schema(connection.connection.driver_connection, inspector.get_table_names())
        return {
            name: (
                replace(schema, parts=sorted(schema.parts, key=repr)),
                sorted(repr(tuple(row)) for row in connection.exec_driver_sql(_select_timeless(name, schema))),
            )
            for name, schema in schemas.items()
        }


def _select_timeless(table: str, schema: TableSchema) -> str:
    columns = ", ".join(sorted(f'"{column}"' for column in schema.columns if not column.endswith("_at")))
    return f'SELECT {columns} FROM "{table}"'
