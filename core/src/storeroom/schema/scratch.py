"""A place where a schema can be made for comparison, and nothing is kept."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import URL, Connection, MetaData, event
from sqlalchemy.exc import DBAPIError

from storeroom.engine import Database, Mode, driver_error
from storeroom.errors import MigrationError
from storeroom.ordering import dependency_order
from storeroom.schema.reading import read_schema
from storeroom.schema.tables import TableSchema

_PERMISSION = """
SELECT has_database_privilege(current_database(), 'CREATE'), quote_ident(current_database()), quote_ident(current_user)
"""
_EXTENSION_SCHEMAS = """
SELECT DISTINCT n.nspname, quote_ident(n.nspname)
FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' AND n.nspname <> 'pg_catalog'
"""
_RELATIONS = """
SELECT DISTINCT quote_ident(r.relname)
FROM pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
WHERE n.nspname = ANY (%s::text[]) AND NOT EXISTS (
  SELECT 1 FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid AND d.deptype = 'e'
) AND r.relkind <> 'c'
"""
_CONCURRENTLY = re.compile(r"^(\s*(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX)\s+CONCURRENTLY\b", re.IGNORECASE)


@contextmanager
def scratch(database: Database) -> Iterator[Connection]:
    """Give out a connection in whose current schema nothing exists, and throw away what is done on it.

    On SQLite it leads to a file of its own. On PostgreSQL it is one transaction of `database`, in a new schema, which
    is rolled back; indexes that would be built concurrently are built at once. Tables of other schemas can't be
    reached by name alone. Raises MigrationError when the role may not create a schema.
    """
    place = _temporary_file(database) if database.backend.name == "sqlite" else _temporary_schema(database)
    with place as connection:
        yield connection


def models_schema(database: Database, metadatas: Sequence[MetaData]) -> Mapping[str, TableSchema]:
    """Return the schema that the models say: all their tables are created in a scratch, and read there.

    Tables that they refer to are created too, and not read. Raises the DatabaseError that fits when the database
    can't create them.
    """
    wanted = {table.name for metadata in metadatas for table in metadata.tables.values()}
    with scratch(database) as connection:
        try:
            for metadata in _in_order(metadatas):
                metadata.create_all(connection, checkfirst=False)
        except DBAPIError as error:
            raise database.backend.classify(driver_error(error)) from error.orig
        return read_schema(connection.connection.driver_connection, wanted)


def _in_order(metadatas: Sequence[MetaData]) -> Sequence[MetaData]:
    """Sort them, and those that they refer to, so that each comes after all that it refers to."""
    needs: dict[MetaData, set[MetaData]] = {}
    pending = list(metadatas)
    while pending:
        metadata = pending.pop(0)
        if metadata not in needs:
            keys = [key for table in metadata.tables.values() for key in table.foreign_keys]
            needs[metadata] = {key.column.table.metadata for key in keys} - {metadata}
            pending += needs[metadata]
    rank = {metadata: position for position, metadata in enumerate(needs)}
    return dependency_order(needs, lambda metadata: rank[metadata])


@contextmanager
def _temporary_file(database: Database) -> Iterator[Connection]:
    with tempfile.TemporaryDirectory(prefix="storeroom-scratch-") as folder:
        url = URL.create("sqlite", database=str(Path(folder) / "scratch.db"))
        copy = Database.from_url(url, database.backend.settings)
        try:
            transaction = copy.begin(Mode.MIGRATE)
            try:
                yield transaction.expose()
            finally:
                transaction.rollback()
        finally:
            copy.close()


@contextmanager
def _temporary_schema(database: Database) -> Iterator[Connection]:
    transaction = database.begin(Mode.MIGRATE)
    try:
        try:
            _enter_schema(transaction.runner.driver)
        except database.engine.dialect.loaded_dbapi.Error as error:
            raise database.backend.classify(error) from error
        connection = transaction.expose()
        event.listen(connection, "before_cursor_execute", _at_once, retval=True)
        try:
            yield connection
        finally:
            event.remove(connection, "before_cursor_execute", _at_once)
    finally:
        transaction.rollback()


def _at_once(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    return _CONCURRENTLY.sub(r"\1", statement), parameters


def _enter_schema(driver: Any) -> None:
    """Create a schema and have names mean what is in it; after it come extensions, whose types must be found.

    Where an extension shares its schema with tables, an empty type of each table's name stands before it, so that the
    name means nothing. Temporary tables, which would come first, come last.
    """
    may_create, database, role = driver.execute(_PERMISSION).fetchone()
    if not may_create:
        raise MigrationError(
            f"the role {role} may not create the schema in which the models are compared with database {database}; "
            f"GRANT CREATE ON DATABASE {database} TO {role}"
        )
    name = f"storeroom_scratch_{token_hex(8)}"
    driver.execute(f"CREATE SCHEMA {name}")
    path = [name]
    schemas = driver.execute(_EXTENSION_SCHEMAS).fetchall()
    relations = driver.execute(_RELATIONS, [[schema for schema, _ in schemas]]).fetchall() if schemas else []
    if relations:
        path.append(f"{name}_hidden")
        driver.execute(f"CREATE SCHEMA {path[-1]}")
        driver.execute("; ".join(f"CREATE TYPE {path[-1]}.{relation} AS ()" for (relation,) in relations))
    path += [quoted for _, quoted in schemas]
    driver.execute("SELECT set_config('search_path', %s, true)", [", ".join([*path, "pg_temp"])])
