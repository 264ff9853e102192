"""What was adopted before, as the ledger knows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, select

from storeroom.canonical import canonical_json
from storeroom.migrations.ledger.models import LedgerAdoption
from storeroom.sql import Executor, Statement
from storeroom.sql.bulk import insert_many

_table = cast("Table", LedgerAdoption.__table__)

_KNOWN = Statement(
    select(_table.c.identity, _table.c.source_key, _table.c.target_key).where(
        _table.c.system == bindparam("system"),
        _table.c.source_table == bindparam("source_table"),
        _table.c.target_table == bindparam("target_table"),
    )
)


_KEYS = Statement(
    select(_table.c.source_key, _table.c.target_key).where(
        _table.c.system == bindparam("system"), _table.c.source_table == bindparam("source_table")
    )
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, where they go to, and the plugin whose they are."""

    system: str
    source_table: str
    target_table: str
    plugin: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """A row that was adopted: what tells it from others, and its keys there, as JSON, and here."""

    identity: str
    source_key: str
    target_key: Any


def read_adopted(work: Executor, origin: Origin) -> Mapping[str, Adopted]:
    """Return what was adopted before, by identity."""
    rows = _KNOWN.stream(work, system=origin.system, source_table=origin.source_table, target_table=origin.target_table)
    return {row.identity: Adopted(row.identity, row.source_key, json.loads(row.target_key)) for row in rows}


def read_keys(work: Executor, system: str, source_table: str) -> Mapping[str, Any]:
    """Return the keys that the rows of a table got here, whoever adopted them, by those that they have there."""
    rows = _KEYS.stream(work, system=system, source_table=source_table)
    return {row.source_key: json.loads(row.target_key) for row in rows}


def record_adopted(work: Executor, origin: Origin, adopted: Sequence[Adopted]) -> None:
    """Remember what was adopted."""
    common = asdict(origin)
    insert_many(work, _table, ({**common, **_as_stored(each)} for each in adopted))


def _as_stored(adopted: Adopted) -> dict[str, str]:
    key = adopted.target_key
    plain = key if isinstance(key, str | int) else str(key)  # a day's
    return {
        "identity": adopted.identity,
        "source_key": adopted.source_key,
        "target_key": canonical_json(plain),
    }
