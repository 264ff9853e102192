"""Whatever a revision can leave in a database: not tables and indexes only, which the ledger tells of."""

from collections.abc import Set

from sqlalchemy import Connection, text

from storeroom.testing import requires

_FILE = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
# Of the current schema; what belongs to a table comes and goes with it, and an extension's with the extension.
_SERVER = """
SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                      WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END, c.relname
FROM pg_catalog.pg_class AS c WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
UNION
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.typname
FROM pg_catalog.pg_type AS t
WHERE t.typnamespace = to_regnamespace(quote_ident(current_schema())) AND t.typtype IN ('d', 'e', 'r')
UNION
SELECT 'function', p.proname
FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = to_regnamespace(quote_ident(current_schema()))
UNION
SELECT 'trigger', g.tgname
FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND NOT g.tgisinternal
UNION
SELECT 'extension', e.extname FROM pg_catalog.pg_extension AS e
"""


def objects(connection: Connection) -> Set[tuple[str, str]]:
    """Return everything in the database that has a name, as (kind, name)."""
    query = _FILE if requires.database_file.met_by(connection) else _SERVER
    return {(kind, name) for kind, name in connection.execute(text(query))}
