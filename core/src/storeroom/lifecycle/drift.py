"""Drift: how the tables that a plugin owns differ from its models, though it is at its head."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from storeroom.discovery import DENIED
from storeroom.drift import Drift
from storeroom.engine import Database
from storeroom.errors import PluginAbsent, PluginError
from storeroom.lifecycle.changing import check_ledger, refuse_new
from storeroom.migrations.coordinator import Stand, read_stand
from storeroom.migrations.ledger import core_plugin
from storeroom.migrations.state import code_head, plugins_ahead
from storeroom.names import CORE_PLUGIN, suggestion
from storeroom.registry import Registry
from storeroom.schema import TableSchema, differences, models_schema, read_schema


def drift(database: Database, registry: Registry, names: Collection[str] = ()) -> Sequence[Drift]:
    """Compare the tables of the plugins in use, or of those that are named, with their models; one Drift for each.

    The models' tables are made in a scratch: a temporary SQLite database, or a schema of PostgreSQL's that is rolled
    back. Tables are a plugin's by the ledger; those of others, and of nobody, are not looked at. A plugin that isn't at
    its head, or is quarantined, can't be compared, which its note says. Columns' order, sequences, comments, triggers
    and privileges are not compared.
    Raises PluginAbsent for a name that isn't in use or has no tables, SchemaOutOfDate and LedgerTooNew as opening does.
    """
    refuse_new(database)
    models = {plugin.name: plugin.manifest.models for plugin in [core_plugin(), *registry.plugins.values()]}
    metadatas = {name: each.metadata for name, each in models.items() if each is not None}
    _refuse_unknown(names, metadatas, registry)
    expected = models_schema(database, list(metadatas.values()))
    found: list[Drift] = []
    with database.reading() as runner:
        stand = read_stand(runner)
        check_ledger(stand.known, database)
        ahead = plugins_ahead(registry, stand.known)
        found += [_not_compared(name, error) for name, error in ahead.items() if not names or name in names]
        for name, metadata in metadatas.items():
            if name not in ahead and (not names or name in names):
                tables = {table: expected[table] for table in metadata.tables}
                found.append(_compare(runner.driver, name, stand, tables, registry))
    kept_out = {name: each.error for name, each in registry.quarantined.items() if not names or name in names}
    return [*found, *(_not_compared(name, error) for name, error in kept_out.items())]


def _not_compared(name: str, error: PluginError) -> Drift:
    return Drift(name, note=f"it can't be compared: {error}")


def _compare(driver: Any, name: str, stand: Stand, expected: Mapping[str, TableSchema], registry: Registry) -> Drift:
    plugin = core_plugin() if name == CORE_PLUGIN else registry.plugins[name]
    entry = stand.known.entries.get(name)
    if entry is None or entry.head != code_head(plugin):
        return Drift(name, note="its tables are missing, or older than its code; run 'storeroom upgrade'")
    owned = {key.name for key in stand.ledger.drop_order(name) if key.kind == "table"}
    return Drift(name, differences(read_schema(driver, owned), expected))


def _refuse_unknown(names: Collection[str], known: Collection[str], registry: Registry) -> None:
    for name in names:
        if name in registry.denied:
            raise PluginAbsent(f"plugin {name!r} {DENIED}", plugin=name)
        if name not in known and name not in registry.quarantined:
            raise PluginAbsent(
                f"no plugin {name!r} with tables is in use here{suggestion(name, known)}; those that can be compared "
                f"are: {', '.join(known)}",
                plugin=name,
            )
