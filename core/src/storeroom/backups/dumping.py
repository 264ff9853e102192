"""The command that backs up tables on PostgreSQL, to be run by whoever may."""

import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from storeroom.engine import Database
from storeroom.errors import BackupFailed

# What pg_dump takes literally without quotes.
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def dump_command(database: Database, tables: Sequence[str]) -> str:
    """Return the pg_dump command of these tables, of the whole database where none are named, for a shell.

    It connects as the database's URL says, without the password: pg_dump asks for it, or takes it from PGPASSWORD or
    the password file. Raises BackupFailed for SQLite.
    """
    if database.backend.name != "postgresql":
        raise BackupFailed(
            f"{database.shown_url} isn't PostgreSQL's; use storeroom backup", file=str(database.engine.url.database)
        )
    name = re.sub(r"[^A-Za-z0-9_-]", "_", database.engine.url.database or "database")
    arguments = [
        "pg_dump",
        f"--dbname={_address(database)}",
        *(f"--table={_literal(table)}" for table in tables),
        f"--file={name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sql",
    ]
    return shlex.join(arguments)


def _literal(table: str) -> str:
    """Write a name so that it isn't a pattern: inside double quotes pg_dump knows no wildcards, folds no letters."""
    return table if _PLAIN.fullmatch(table) else '"' + table.replace('"', '""') + '"'


def _address(database: Database) -> str:
    """Return the URL as libpq reads it: without the password, nor any other secret."""
    _, options = database.engine.dialect.create_connect_args(database.engine.url)
    # What else is among them is objects of the driver's.
    texts = {name: str(value) for name, value in options.items() if isinstance(value, str | int)}
    given = {name: value for name, value in texts.items() if "password" not in name}
    user, host, port, name = (given.pop(each, "") for each in ("user", "host", "port", "dbname"))
    netloc = f"{quote(user, safe='')}@" if user else ""
    if re.fullmatch(r"[A-Za-z0-9._-]+|\[?[0-9a-fA-F:.]+\]?", host):
        bare = host.strip("[]")
        netloc += (f"[{bare}]" if ":" in bare else bare) + (f":{port}" if port else "")
    else:  # a socket's folder, or several hosts
        given |= {key: value for key, value in (("host", host), ("port", port)) if value}
    query = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in sorted(given.items()))
    return f"postgresql://{netloc}/{quote(name, safe='')}{'?' if query else ''}{query}"
