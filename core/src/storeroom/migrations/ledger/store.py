"""`Ledger`: reads and writes core's tables in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Insert, Table, bindparam, delete, insert, select, update

from storeroom.migrations.catalogue import ObjectKey
from storeroom.migrations.ledger.models import (
    LedgerAdoption,
    LedgerObject,
    LedgerPlugin,
    LedgerRequirement,
    LedgerRevision,
)
from storeroom.sql import Executor, Statement

plugins = cast("Table", LedgerPlugin.__table__)
revisions = cast("Table", LedgerRevision.__table__)
requirements = cast("Table", LedgerRequirement.__table__)
objects = cast("Table", LedgerObject.__table__)
adoptions = cast("Table", LedgerAdoption.__table__)

LEDGER_TABLE = plugins.name

# Six columns at most: well below what either database takes as parameters of one statement.
_ROWS_PER_INSERT = 1000

_PLUGIN = plugins.c.name == bindparam("plugin")
_SELECT_PLUGINS = Statement(
    select(plugins.c.name, plugins.c.head, plugins.c.distribution, plugins.c.version).order_by(plugins.c.name)
)
_SELECT_REVISIONS = Statement(
    select(revisions.c.plugin, revisions.c.revision).order_by(revisions.c.plugin, revisions.c.position)
)
_SELECT_BOTH = Statement(
    select(plugins.c.name, plugins.c.head, plugins.c.distribution, plugins.c.version, revisions.c.revision)
    .select_from(plugins.outerjoin(revisions, revisions.c.plugin == plugins.c.name))
    .order_by(plugins.c.name, revisions.c.position)
)
_SELECT_OBJECTS = Statement(select(objects.c.kind, objects.c.name, objects.c.plugin))
_SELECT_REQUIREMENTS = Statement(
    select(
        requirements.c.plugin,
        requirements.c.revision,
        requirements.c.required_plugin,
        requirements.c.required_revision,
    ).order_by(requirements.c.plugin, requirements.c.revision)
)
_SELECT_OWN = Statement(
    select(objects.c.kind, objects.c.name)
    .where(objects.c.plugin == bindparam("plugin"))
    .order_by(objects.c.drop_position)
)
_DELETE_ADOPTIONS = Statement(delete(adoptions).where(adoptions.c.plugin == bindparam("plugin")))
_DELETE_PLUGIN = Statement(delete(plugins).where(plugins.c.name == bindparam("plugin")))
# What refers to others goes before them: while SQLite migrates, its foreign keys are off, and cascade nothing.
_DELETE_REVISIONS = [
    Statement(
        delete(table).where(
            table.c.plugin == bindparam("plugin"), table.c.revision.in_(bindparam("ids", expanding=True))
        )
    )
    for table in (requirements, revisions)
]
_DELETE_OBJECTS = Statement(delete(objects).where(objects.c.plugin.in_(bindparam("of_plugins", expanding=True))))
_UPDATE_PLUGIN = Statement(
    update(plugins)
    .where(_PLUGIN)
    .values(
        {
            name: bindparam(f"new_{name}", type_=plugins.c[name].type)
            for name in ("head", "distribution", "version", "upgraded_at")
        }
    )
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger says of one plugin: its last applied revision, and the distribution that brought it."""

    name: str
    head: str
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class AppliedRevision:
    """A revision to be recorded: its place within the plugin from 1, and what it requires of others."""

    revision: str
    position: int
    message: str
    requires: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """An applied revision of one plugin that requires one of another."""

    plugin: str
    revision: str
    required_plugin: str
    required_revision: str


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """What an upgrade did to one plugin, to be recorded.

    `drop_order` is all that the plugin owns from now on: tables and indexes, each with its table, in the order in
    which they can be dropped.
    """

    entry: LedgerEntry
    new: bool
    applied: Sequence[AppliedRevision]
    drop_order: Sequence[tuple[ObjectKey, str]]


class Ledger:
    """The ledger of one transaction's database. Its tables must be there, at their head for writing."""

    def __init__(self, executor: Executor, recorded_at: datetime | None = None) -> None:
        self._executor = executor
        self._recorded_at = recorded_at

    def entries(self) -> Mapping[str, LedgerEntry]:
        """Return what is recorded of each plugin, by name. It reads columns of the ledger's first revision only."""
        rows = _SELECT_PLUGINS.all(self._executor)
        return {row.name: LedgerEntry(row.name, row.head, row.distribution, row.version) for row in rows}

    def applied(self) -> Mapping[str, Sequence[str]]:
        """Return the applied revisions of each plugin, the oldest first."""
        applied: dict[str, list[str]] = defaultdict(list)
        for row in _SELECT_REVISIONS.all(self._executor):
            applied[row.plugin].append(row.revision)
        return dict(applied)

    def entries_and_applied(self) -> tuple[Mapping[str, LedgerEntry], Mapping[str, Sequence[str]]]:
        """Return both as they were at one moment: of two statements, PostgreSQL shows each what is there then."""
        entries: dict[str, LedgerEntry] = {}
        applied: dict[str, list[str]] = defaultdict(list)
        for row in _SELECT_BOTH.all(self._executor):
            entries[row.name] = LedgerEntry(row.name, row.head, row.distribution, row.version)
            if row.revision is not None:
                applied[row.name].append(row.revision)
        return entries, dict(applied)

    def owners(self) -> Mapping[ObjectKey, str]:
        """Return the plugin that owns each table and index."""
        return {ObjectKey(row.kind, row.name): row.plugin for row in _SELECT_OBJECTS.all(self._executor)}

    def requirements(self) -> Sequence[Requirement]:
        """Return which applied revisions require which of other plugins."""
        return [Requirement(*row) for row in _SELECT_REQUIREMENTS.all(self._executor)]

    def drop_order(self, plugin: str) -> Sequence[ObjectKey]:
        """Return what a plugin owns, in the order to drop it."""
        return [ObjectKey(row.kind, row.name) for row in _SELECT_OWN.all(self._executor, plugin=plugin)]

    def take_back(self, plugin: str, ids: Sequence[str]) -> None:
        """Forget that these revisions of a plugin were applied."""
        for statement in _DELETE_REVISIONS:
            statement.affected(self._executor, plugin=plugin, ids=list(ids))

    def remove(self, plugin: str, *, tables_stay: bool) -> None:
        """Let go of a plugin; what was adopted for it is remembered for as long as its tables are there."""
        self.take_back(plugin, self.applied().get(plugin, ()))
        _DELETE_OBJECTS.affected(self._executor, of_plugins=[plugin])
        if not tables_stay:
            _DELETE_ADOPTIONS.affected(self._executor, plugin=plugin)
        _DELETE_PLUGIN.affected(self._executor, plugin=plugin)

    def record(self, changes: Sequence[LedgerChange]) -> None:
        """Write what an upgrade did to plugins: in a few statements, however many they are."""
        now = self._recorded_at or datetime.now(UTC)
        self._record_plugins(changes, now)
        self._insert(
            revisions,
            [
                {
                    "plugin": change.entry.name,
                    "revision": each.revision,
                    "position": each.position,
                    "message": each.message,
                    "applied_at": now,
                }
                for change in changes
                for each in change.applied
            ],
        )
        self._insert(
            requirements,
            [
                {
                    "plugin": change.entry.name,
                    "revision": each.revision,
                    "required_plugin": required_plugin,
                    "required_revision": required_revision,
                }
                for change in changes
                for each in change.applied
                for required_plugin, required_revision in each.requires
            ],
        )
        _DELETE_OBJECTS.affected(self._executor, of_plugins=[change.entry.name for change in changes])
        self._insert(
            objects,
            [
                {
                    "kind": key.kind,
                    "name": key.name,
                    "plugin": change.entry.name,
                    "table_name": table,
                    "drop_position": position,
                }
                for change in changes
                for position, (key, table) in enumerate(change.drop_order, start=1)
            ],
        )

    def _record_plugins(self, changes: Sequence[LedgerChange], now: datetime) -> None:
        new = []
        for change in changes:
            entry = change.entry
            facts = {
                "head": entry.head,
                "distribution": entry.distribution,
                "version": entry.version,
                "upgraded_at": now,
            }
            if change.new:
                new.append({"name": entry.name, "installed_at": now, **facts})
            else:
                renamed = {f"new_{name}": value for name, value in facts.items()}
                _UPDATE_PLUGIN.affected(self._executor, plugin=entry.name, **renamed)
        self._insert(plugins, new)

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(rows), _ROWS_PER_INSERT):
            statement: Insert = insert(table).values(list(rows[start : start + _ROWS_PER_INSERT]))
            Statement(statement).affected(self._executor)
