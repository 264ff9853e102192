"""Where each plugin stands: its code against the ledger, found without Alembic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from storeroom.discovery import Candidate
from storeroom.engine import Database, StatementRunner
from storeroom.errors import LedgerTooNew, PluginError, SchemaAhead, StatementFailed
from storeroom.migrations.catalogue import read_tables
from storeroom.migrations.ledger import Ledger, LedgerEntry, core_plugin
from storeroom.migrations.ledger.store import LEDGER_TABLE
from storeroom.names import CORE_PLUGIN
from storeroom.registry import Plugin, Registry

T = TypeVar("T")


class State(StrEnum):
    """Where a plugin stands in one database."""

    CURRENT = "current"
    PENDING = "pending"
    AHEAD = "ahead"
    ORPHANED = "orphaned"
    QUARANTINED = "quarantined"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """What the ledger said at one moment; both empty where there is no ledger yet."""

    entries: Mapping[str, LedgerEntry]
    applied: Mapping[str, Sequence[str]]


EMPTY = LedgerSnapshot({}, {})


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """One plugin in one database: what is installed, what the database holds, and what follows from it.

    `head` is the last revision of the installed code, `database_head` the last one in the database.
    """

    name: str
    state: State
    distribution: str | None = None
    version: str | None = None
    head: str | None = None
    database_head: str | None = None
    detail: str = ""


def migrated_plugins(registry: Registry) -> Sequence[Plugin]:
    """Return the plugins that have tables, core's own first."""
    return [core_plugin(), *(plugin for plugin in registry.plugins.values() if plugin.migrations is not None)]


def code_head(plugin: Plugin) -> str | None:
    """Return the last revision of the plugin's code; None for one without tables."""
    return plugin.migrations.head if plugin.migrations is not None else None


def read_ledger(database: Database, registry: Registry) -> LedgerSnapshot:
    """Read the ledger in a transaction of its own: one query for the heads, one more only where the code's differ.

    Without the second, `applied` is empty.
    """
    try:
        with database.reading() as runner:
            return _entries(runner, registry)
    except StatementFailed:
        with database.reading() as runner:
            if LEDGER_TABLE not in read_tables(runner.driver):
                return EMPTY
    # Another process made it in between; or else this raises the same error.
    with database.reading() as runner:
        return _entries(runner, registry)


def _entries(runner: StatementRunner, registry: Registry) -> LedgerSnapshot:
    ledger = Ledger(runner)
    heads = LedgerSnapshot(ledger.entries(), {})
    return snapshot(ledger) if plugins_pending(registry, heads) else heads


def snapshot(ledger: Ledger) -> LedgerSnapshot:
    """Read what the ledger says now."""
    return LedgerSnapshot(*ledger.entries_and_applied())


def plugins_ahead(registry: Registry, ledger: LedgerSnapshot) -> Mapping[str, PluginError]:
    """Return the plugins whose tables are newer than their code: the database went on from the code's head.

    Raises LedgerTooNew when it is core's own ledger that is.
    """
    faults: dict[str, PluginError] = {}
    for plugin in [core_plugin(), *registry.plugins.values()]:
        entry = ledger.entries.get(plugin.name)
        head = code_head(plugin)
        if entry is None or entry.head == head:
            continue
        # A version without tables doesn't know those of the one before it.
        if head is None or head in ledger.applied.get(plugin.name, ()):
            faults[plugin.name] = schema_ahead(plugin, entry)
    return faults


def schema_ahead(plugin: Plugin, entry: LedgerEntry) -> SchemaAhead:
    """Say that the database is newer than the plugin's code; raises LedgerTooNew instead for core's own."""
    if plugin.name == CORE_PLUGIN:
        raise LedgerTooNew(
            f"this database was written by storeroom {entry.version} (ledger at {entry.head!r}), which is newer than "
            f"the {plugin.candidate.version} that is installed; upgrade the storeroom distribution",
            head=entry.head,
        )
    if entry.version is not None and entry.version == plugin.candidate.version:  # by an author, at another commit
        cure = "go back to the code that has it, where 'storeroom downgrade' takes it back, or on to newer code"
    else:
        cure = f"install {' '.join(filter(None, [entry.distribution or 'its distribution', entry.version]))} or newer"
    return SchemaAhead(
        f"the tables of plugin {plugin.name!r} are at revision {entry.head!r}, which {plugin.candidate.origin} doesn't "
        f"know; {cure}",
        plugin=plugin.name,
        revision=entry.head,
    )


def plugins_pending(registry: Registry, ledger: LedgerSnapshot) -> Sequence[str]:
    """Return the plugins that an upgrade would change, in order; core's own among them."""
    return [
        plugin.name
        for plugin in migrated_plugins(registry)
        if plugin.name not in ledger.entries or ledger.entries[plugin.name].head != code_head(plugin)
    ]


def report(registry: Registry, ledger: LedgerSnapshot) -> Sequence[PluginStatus]:
    """Say where each plugin stands, core's own first: the installed ones, then those that only the ledger knows."""
    pending = plugins_pending(registry, ledger)
    statuses = [
        PluginStatus(
            plugin.name,
            State.PENDING if plugin.name in pending else State.CURRENT,
            plugin.candidate.distribution,
            plugin.candidate.version,
            code_head(plugin),
            ledger.entries[plugin.name].head if plugin.name in ledger.entries else None,
            "run 'storeroom upgrade'" if plugin.name in pending else "",
        )
        for plugin in [core_plugin(), *registry.plugins.values()]
    ]
    for quarantined in registry.quarantined.values():
        state = State.AHEAD if isinstance(quarantined.error, SchemaAhead) else State.QUARANTINED
        statuses.append(_kept_out(quarantined.candidate, state, ledger, str(quarantined.error)))
    kept_out = "STOREROOM_ALLOW or STOREROOM_DENY keeps it out"
    statuses += [_kept_out(candidate, State.DENIED, ledger, kept_out) for candidate in registry.denied.values()]
    statuses += [
        PluginStatus(
            orphan.name,
            State.ORPHANED,
            orphan.distribution,
            orphan.version,
            None,
            orphan.head,
            f"its tables are here but it isn't installed: install it again, leave them, or drop them with 'storeroom "
            f"purge {orphan.name}'",
        )
        for orphan in orphans(registry, ledger)
    ]
    return statuses


def _kept_out(candidate: Candidate, state: State, ledger: LedgerSnapshot, detail: str) -> PluginStatus:
    entry = ledger.entries.get(candidate.name)
    return PluginStatus(
        candidate.name,
        state,
        candidate.distribution,
        candidate.version,
        None,
        entry.head if entry else None,
        detail,
    )


def orphans(registry: Registry, ledger: LedgerSnapshot) -> Sequence[LedgerEntry]:
    """Return the plugins whose tables are in the database while the plugins aren't installed."""
    known = {CORE_PLUGIN, *registry.plugins, *registry.quarantined, *registry.denied}
    return [entry for name, entry in ledger.entries.items() if name not in known]
