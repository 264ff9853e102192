"""Downgrading: a plugin's latest revisions are taken back, as long as no other plugin requires one of them."""

from collections.abc import Sequence

from storeroom.discovery import DENIED
from storeroom.engine import Database
from storeroom.errors import DowngradeRefused, PluginAbsent, StillRequired
from storeroom.lifecycle.changing import check_ledger, held, refuse_new
from storeroom.migrations.catalogue import ForeignKeys
from storeroom.migrations.coordinator import Direction, Stand, migrate
from storeroom.migrations.ledger import LedgerChange, LedgerEntry
from storeroom.migrations.ownership import Ownership
from storeroom.migrations.revisions import Revision, load_revisions
from storeroom.migrations.state import schema_ahead
from storeroom.names import suggestion
from storeroom.registry import Plugin, Registry

BASE = "base"


def downgrade(database: Database, registry: Registry, name: str, target: str) -> Sequence[Revision]:
    """Take back a plugin's revisions after `target`, the latest first; `base` takes back all and lets go of it.

    All in one transaction, but for revisions that are steps of their own; see `migrate`. Returns what was taken back.
    Raises PluginAbsent where the plugin isn't installed, since the way back is in its revisions, or not in the ledger;
    DowngradeRefused for a revision that isn't applied or has no way back; StillRequired where another plugin's
    revision, be it installed or not, requires one that would go; LedgerProtected for core's own.
    """
    refuse_new(database)
    return migrate(database, _Downward(database, registry, name, target))


class _Downward(Direction):
    """Takes back what was applied after a revision."""

    def __init__(self, database: Database, registry: Registry, name: str, target: str) -> None:
        self._database = database
        self._registry = registry
        self._name = name
        self._target = target
        self._has_begun = False

    def plan(self, stand: Stand) -> Sequence[Revision]:
        name, known = self._name, stand.known
        check_ledger(known, self._database)
        if self._has_begun and name not in known.entries:
            return []  # the last step has let go of it
        entry = held(known, name, self._database)
        self._has_begun = True
        plugin = _installed(self._registry, name)
        revisions = {revision.id: revision for revision in load_revisions(plugin)}
        going = self._going(known.applied[name])
        _refuse_required(name, going, stand)
        if not revisions.keys() >= set(going):
            raise schema_ahead(plugin, entry)
        return [revisions[each].undone() for each in going]

    def prepare(self, batch: Sequence[Revision], ownership: Ownership) -> None:
        """Nothing: what a downgrade may do is looked at after each revision."""

    def record(self, stand: Stand, batch: Sequence[Revision], ownership: Ownership, keys: ForeignKeys) -> None:
        name, ledger = self._name, stand.ledger
        order = ownership.drop_order(name, keys)
        applied = stand.known.applied[name]
        left = applied[: len(applied) - len(batch)]
        if not left:
            if order:
                raise batch[-1].failed(
                    f"it leaves {', '.join(repr(key.name) for key, _ in order)} behind, though it is the first"
                )
            ledger.remove(name, tables_stay=False)
            return
        ledger.take_back(name, [each.id for each in batch])
        candidate = self._registry.plugins[name].candidate
        entry = LedgerEntry(name, left[-1], candidate.distribution, candidate.version)
        ledger.record([LedgerChange(entry, False, [], order)])

    def _going(self, applied: Sequence[str]) -> Sequence[str]:
        if self._target == BASE:
            return applied[::-1]
        if self._target not in applied:
            raise DowngradeRefused(
                f"revision {self._target!r} of plugin {self._name!r} isn't applied"
                f"{suggestion(self._target, applied)}; give {BASE!r}, or one of: {', '.join(applied)}",
                plugin=self._name,
                revision=self._target,
            )
        return applied[: applied.index(self._target) : -1]


def _installed(registry: Registry, name: str) -> Plugin:
    if name in registry.plugins:
        return registry.plugins[name]
    if name in registry.quarantined:
        raise registry.quarantined[name].error
    if name in registry.denied:
        raise PluginAbsent(f"plugin {name!r} {DENIED}, or purge the plugin", plugin=name)
    raise PluginAbsent(
        f"plugin {name!r} isn't installed, and the way back is in its revisions; install the distribution that brings "
        "it, at the version that it was upgraded with, or purge the plugin",
        plugin=name,
    )


def _refuse_required(name: str, going: Sequence[str], stand: Stand) -> None:
    blockers = [
        each
        for each in stand.ledger.requirements()
        if each.required_plugin == name and each.required_revision in going and each.plugin != name
    ]
    if blockers:
        listed = ", ".join(f"{each.revision!r} of {each.plugin!r} ({each.required_revision!r})" for each in blockers)
        raise StillRequired(
            f"revisions of plugin {name!r} that would go are required by {listed}; downgrade or purge what requires "
            "them first",
            plugin=name,
            required_by=tuple(dict.fromkeys(each.plugin for each in blockers)),
        )
