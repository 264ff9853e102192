"""Upgrading: every pending revision of every plugin, in an order in which each finds what it requires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storeroom.engine import Database
from storeroom.errors import MigrationsInvalid, PluginError, RevisionMissing
from storeroom.migrations.catalogue import ForeignKeys
from storeroom.migrations.coordinator import Around, Direction, Stand, migrate, rehearse
from storeroom.migrations.ledger import AppliedRevision, LedgerChange, LedgerEntry, Requirement
from storeroom.migrations.ownership import Ownership
from storeroom.migrations.revisions import Revision, load_revisions, pending_order
from storeroom.migrations.state import LedgerSnapshot, migrated_plugins, plugins_ahead, plugins_pending, schema_ahead
from storeroom.names import CORE_PLUGIN
from storeroom.registry import Plugin, Registry, without


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: the revisions that it applied, in order, and the registry that results.

    `registry` lacks the plugins that turned out to be unusable (their revisions can't be read, or the database is
    ahead of them). `applied` is empty when another process had done it all.
    """

    applied: Sequence[Revision]
    registry: Registry


def upgrade(database: Database, registry: Registry) -> Upgrade:
    """Apply every pending revision of every plugin, or none; see `migrate`.

    Raises RevisionFailed, TableUnowned, LedgerTooNew or MigrationLockTimeout.
    """
    upward = _Upward(registry)
    applied = migrate(database, upward)
    return Upgrade(applied, upward.registry)


def rehearse_upgrade(
    database: Database, registry: Registry, around: Around, recorded_at: datetime
) -> Sequence[Revision]:
    """Apply all in a transaction that is rolled back; see `rehearse`."""
    return rehearse(database, _Upward(registry), around, recorded_at)


class _Upward(Direction):
    """Applies what is pending; the registry loses the plugins that turn out to be unusable."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def plan(self, stand: Stand) -> Sequence[Revision]:
        self.registry, pending = plan(self.registry, stand.known)
        return pending

    def prepare(self, batch: Sequence[Revision], ownership: Ownership) -> None:
        for plugin in self._plugins_of(batch):
            ownership.refuse_unowned(plugin)

    def record(self, stand: Stand, batch: Sequence[Revision], ownership: Ownership, keys: ForeignKeys) -> None:
        stand.ledger.record([self._change(plugin, batch, stand, ownership, keys) for plugin in self._plugins_of(batch)])

    @staticmethod
    def _change(
        plugin: Plugin, batch: Sequence[Revision], stand: Stand, ownership: Ownership, keys: ForeignKeys
    ) -> LedgerChange:
        own = [revision for revision in batch if revision.plugin == plugin.name]
        firsts = {revision.plugin: revision.id for revision in batch if revision.position == 1}
        firsts |= {name: applied[0] for name, applied in stand.known.applied.items()}
        return LedgerChange(
            LedgerEntry(plugin.name, own[-1].id, plugin.candidate.distribution, plugin.candidate.version),
            plugin.name not in stand.known.entries,
            as_applied(plugin, own, stand.ledger.requirements() if stand.known.entries else (), firsts),
            ownership.drop_order(plugin.name, keys),
        )

    def _plugins_of(self, batch: Sequence[Revision]) -> Sequence[Plugin]:
        names = {revision.plugin for revision in batch}
        return [plugin for plugin in migrated_plugins(self.registry) if plugin.name in names]


def as_applied(
    plugin: Plugin, revisions: Sequence[Revision], known: Sequence[Requirement], firsts: Mapping[str, str]
) -> Sequence[AppliedRevision]:
    """Return what the ledger keeps of a plugin's revisions.

    What the manifest requires, and no revision does, the first of them is recorded to require: the other plugin's first
    revision, of those that `firsts` has. So it is known when the plugin isn't installed any more.
    """
    said = {each.required_plugin for each in known if each.plugin == plugin.name}
    said |= {name for revision in revisions for name, _ in revision.requires}
    implied = [(name, firsts[name]) for name in plugin.manifest.requires if name in firsts and name not in said]
    return [
        AppliedRevision(each.id, each.position, each.message, [*each.requires, *(implied if number == 0 else [])])
        for number, each in enumerate(revisions)
    ]


def plan(registry: Registry, ledger: LedgerSnapshot) -> tuple[Registry, Sequence[Revision]]:
    """Return what is to be applied, in order, and the registry without the plugins that turn out to be unusable."""
    while True:
        faults: dict[str, PluginError] = dict(plugins_ahead(registry, ledger))
        pending = plugins_pending(registry, ledger)
        plugins = [plugin for plugin in migrated_plugins(registry) if plugin.name in pending]
        revisions: dict[str, Sequence[Revision]] = {}
        for plugin in plugins:
            try:
                revisions[plugin.name] = load_revisions(plugin)
            except MigrationsInvalid as error:
                if plugin.name == CORE_PLUGIN:
                    raise
                faults.setdefault(plugin.name, error)
                continue
            unknown = set(ledger.applied.get(plugin.name, ())) - {each.id for each in revisions[plugin.name]}
            if unknown:
                faults.setdefault(plugin.name, schema_ahead(plugin, ledger.entries[plugin.name]))
        if not faults:
            try:
                return registry, pending_order(plugins, revisions, ledger)
            except RevisionMissing as error:
                faults[error.plugin] = error
        registry = without(registry, faults)
