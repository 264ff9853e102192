"""What is in the new database, read with plain SQL, as plain Python values."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, text

from storeroom import Storeroom
from storeroom.testing import requires
from tests.adoption.legacy import TARGETS

PLUGINS = ("hooks", "jobs", "profiles", "providers", "standalone", "wanted")

# All tables here, in an order in which they can be emptied.
TABLES = (
    "hooks_log",
    "profiles_default",
    "profiles_series",
    "profiles_movies",
    *(name for name in TARGETS.values() if name not in ("hooks_log", "profiles_series", "profiles_movies")),
)

_DOCUMENTS = {
    "context",
    "stats",
    "by_format",
    "by_source",
    "target_languages",
    "target_language_names",
    "fallback_chain",
    "results",
    "response",
    "missing_languages",
}
_FLAGS = {"force", "enabled", "success", "disabled", "upgrade_candidate", "is_anime"}
_TIMES = {"disabled_until", "retry_after"}

Row = dict[str, Any]


def read(room: Storeroom, table: str) -> Sequence[Row]:
    """Return all rows of a table, in the order of their keys."""
    with room.read() as uow:
        connection = uow.connection
        rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings().all()
        return [{name: _plain(connection, name, value) for name, value in row.items()} for row in rows]


def count(room: Storeroom, table: str) -> int:
    with room.read() as uow:
        return int(uow.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def execute(room: Storeroom, *statements: str) -> None:
    with room.write() as uow:
        for statement in statements:
            uow.connection.exec_driver_sql(statement)


def everything(room: Storeroom) -> dict[str, Sequence[Row]]:
    return {table: read(room, table) for table in TABLES}


def _plain(connection: Connection, name: str, value: Any) -> Any:
    if not requires.native_types.met_by(connection):
        return _of_sqlite(name, value)
    if isinstance(value, datetime):
        assert value.tzinfo is not None, f"{name} has no zone"
        return value.astimezone(UTC)
    return value


def _of_sqlite(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DOCUMENTS:
        return json.loads(value)
    if name in _FLAGS:
        assert value in (0, 1)
        return bool(value)
    if name == "date":
        return date.fromisoformat(value)
    if name.endswith("_at") or name in _TIMES:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value
