"""Claiming: tables that belong to nobody are given to a plugin, at the revision whose schema they prove to equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storeroom.discovery import DENIED
from storeroom.engine import Database
from storeroom.errors import ClaimRefused, LedgerProtected, PluginAbsent, RevisionMissing
from storeroom.lifecycle.changing import changing
from storeroom.migrations.catalogue import read_catalogue, read_foreign_keys
from storeroom.migrations.coordinator import Stand, patiently
from storeroom.migrations.guard import operations, sealed
from storeroom.migrations.ledger import LedgerChange, LedgerEntry
from storeroom.migrations.revisions import Revision, load_revisions, pending_order
from storeroom.migrations.state import EMPTY
from storeroom.migrations.step import blaming
from storeroom.migrations.upgrading import as_applied
from storeroom.names import CORE_PLUGIN, owns, suggestion
from storeroom.registry import Plugin, Registry
from storeroom.schema import TableSchema, differences, read_schema, scratch


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed: the revision at which the plugin is now, and its tables."""

    revision: str
    tables: Sequence[str]


Made = Sequence[tuple[Revision, Mapping[str, TableSchema]]]


def claim(database: Database, registry: Registry, name: str, revision: str | None = None) -> Claim:
    """Give a plugin the tables that are there and belong to nobody, at the revision whose schema they equal.

    What each revision makes is found by running them in a scratch: a temporary SQLite database, or a schema of
    PostgreSQL's that is rolled back. Where several revisions make the same schema, since some change rows only,
    `revision` must say which of them the rows are at. Tables of other programs are left alone.
    Raises ClaimRefused with the differences to the nearest revision; RevisionFailed where one can't be run on empty
    tables; PluginAbsent where the plugin isn't installed, RevisionMissing where a revision requires another plugin's
    that isn't applied here.
    """
    plugin = _installed(registry, name)
    made = patiently(database, lambda: _made(database, registry, plugin))
    if revision is not None and revision not in {each.id for each, _ in made}:
        raise ClaimRefused(
            f"plugin {name!r} has no revision {revision!r}; give one of: {', '.join(each.id for each, _ in made)}",
            plugin=name,
            differences=(),
        )

    def attempt() -> Claim:
        with changing(database) as (transaction, stand):
            driver = transaction.runner.driver
            found = _unowned(driver, stand, name, made)
            position = _position(name, found, made, revision)
            applied = [each for each, _ in made[: position + 1]]
            _refuse_missing(applied, stand)
            stand.ownership.claim(name, found)
            entry = LedgerEntry(name, applied[-1].id, plugin.candidate.distribution, plugin.candidate.version)
            order = stand.ownership.drop_order(name, read_foreign_keys(driver))
            firsts = {each: ids[0] for each, ids in stand.known.applied.items()}
            stand.ledger.record([LedgerChange(entry, True, as_applied(plugin, applied, (), firsts), order)])
        return Claim(applied[-1].id, sorted(found))

    return patiently(database, attempt)


def _installed(registry: Registry, name: str) -> Plugin:
    if name == CORE_PLUGIN:
        raise LedgerProtected("core's own tables are claimed by nobody; 'storeroom upgrade' makes them")
    if name in registry.quarantined:
        raise registry.quarantined[name].error
    if name in registry.denied:
        raise PluginAbsent(f"plugin {name!r} {DENIED}", plugin=name)
    plugin = registry.plugins.get(name)
    if plugin is None or plugin.migrations is None:
        state = f"isn't in use here{suggestion(name, registry.plugins)}" if plugin is None else "has no tables"
        raise PluginAbsent(
            f"plugin {name!r} {state}; install the distribution that brings it, whose revisions say what its tables "
            "must equal",
            plugin=name,
        )
    return plugin


def _made(database: Database, registry: Registry, plugin: Plugin) -> Made:
    """Run the plugin's revisions, and those that they need, in a scratch; read its tables after each of its own."""
    plugins = _with_required(registry, plugin)
    revisions = {each.name: load_revisions(each) for each in plugins}
    made = []
    with scratch(database) as connection:
        driver = connection.connection.driver_connection
        with sealed(driver):
            for revision in pending_order(plugins, revisions, EMPTY):
                with (
                    blaming(revision, database.backend),
                    operations(connection, transactional=revision.transactional),
                ):
                    revision.run()
                if revision.plugin == plugin.name:
                    own = {table for table in read_catalogue(driver).tables if owns(plugin.name, table)}
                    made.append((revision, read_schema(driver, own)))
    return made


def _with_required(registry: Registry, plugin: Plugin) -> Sequence[Plugin]:
    wanted, pending = set[str](), [plugin.name]
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += registry.plugins[name].manifest.requires
    return [each for each in registry.plugins.values() if each.name in wanted and each.migrations is not None]


def _unowned(driver: Any, stand: Stand, name: str, made: Made) -> Mapping[str, TableSchema]:
    """Return those of the tables that any revision makes which are there; nobody may own one."""
    if name in stand.known.entries:
        raise ClaimRefused(
            f"plugin {name!r} has its tables already, at {stand.known.entries[name].head!r}; nothing is to be claimed",
            plugin=name,
            differences=(),
        )
    return read_schema(driver, {table for _, tables in made for table in tables} & stand.catalogue.tables)


def _position(name: str, found: Mapping[str, TableSchema], made: Made, wanted: str | None) -> int:
    """Return the place of the revision that makes what was found."""
    compared = [
        (position, revision.id, [str(each) for each in differences(found, tables)])
        for position, (revision, tables) in enumerate(made)
        if wanted in (None, revision.id)
    ]
    equal = [(position, revision) for position, revision, differing in compared if not differing]
    if len(equal) == 1 and found:
        return equal[0][0]
    if not found:
        raise ClaimRefused(
            f"no table of plugin {name!r} is there to be claimed; 'storeroom upgrade' makes them",
            plugin=name,
            differences=(),
        )
    if equal:
        raise ClaimRefused(
            f"the tables of plugin {name!r} equal what several revisions make, which differ in rows only: "
            f"{', '.join(revision for _, revision in equal)}; say with --at which of them the rows are at",
            plugin=name,
            differences=(),
        )
    _, nearest, differing = min(compared, key=lambda each: (len(each[2]), -each[0]))
    raise ClaimRefused(
        f"the tables of plugin {name!r} equal none of its revisions; from {nearest!r}, the nearest, they differ so: "
        f"{'; '.join(differing)}; alter them, and claim again",
        plugin=name,
        differences=tuple(differing),
    )


def _refuse_missing(applied: Sequence[Revision], stand: Stand) -> None:
    for revision in applied:
        for plugin, required in revision.requires:
            if required not in stand.known.applied.get(plugin, ()):
                raise RevisionMissing(
                    f"revision {revision.id!r} of plugin {revision.plugin!r} requires {required!r} of plugin "
                    f"{plugin!r}, which isn't applied here; claim {plugin!r} first, or upgrade while "
                    f"{revision.plugin!r} is denied",
                    plugin=revision.plugin,
                    revision=revision.id,
                    requirement=f"{plugin}:{required}",
                )
