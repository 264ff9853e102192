"""From what was found to a registry: load each plugin on its own, settle requirements, register hooks."""

import logging
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError
from types import ModuleType

from storeroom.discovery import DENIED, Candidate, Discovery, Quarantined
from storeroom.errors import (
    ManifestInvalid,
    PluginError,
    PluginErrors,
    PluginImportFailed,
    RequirementCycle,
    RequirementMissing,
    tell,
)
from storeroom.manifest import Manifest
from storeroom.names import suggestion
from storeroom.ordering import dependency_order
from storeroom.registry.checks import check_manifest
from storeroom.registry.hooks import build_manager
from storeroom.registry.loading import Plugin, import_plugin, locate_migrations, read_manifest
from storeroom.registry.registry import Registry

logger = logging.getLogger("storeroom.registry")


def build_registry(discovery: Discovery, *, strict: bool = False) -> Registry:
    """Load what was found; a plugin that can't be used is quarantined, with those that require it.

    With `strict`, mappers are configured too, and all the problems are raised at once as PluginErrors.
    """
    known = [each.name for each in (*discovery.candidates, *discovery.denied)]
    for name in discovery.unmatched:
        near = suggestion(name, known)
        logger.warning("the allow- or the deny-list names plugin %s, which isn't installed%s", name, near)
    loaded: list[Plugin] = []
    quarantined = list(discovery.quarantined)
    for candidate in discovery.candidates:
        try:
            loaded.append(load_plugin(candidate))
        except PluginError as error:
            quarantined.append(Quarantined(candidate, error))
    registry = _settle(loaded, quarantined, discovery.denied)
    if strict:
        problems = [*registry.problems(), *_configure_mappers(registry)]
        if problems:
            raise PluginErrors.of(problems)
    _log_quarantined(registry)
    return registry


def without(registry: Registry, faults: Mapping[str, PluginError]) -> Registry:
    """Return a registry in which these plugins, and those that require them, are quarantined."""
    if not faults:
        return registry
    quarantined = list(registry.quarantined.values())
    quarantined += [Quarantined(registry.plugins[name].candidate, fault) for name, fault in faults.items()]
    remaining = [plugin for plugin in registry.plugins.values() if plugin.name not in faults]
    settled = _settle(remaining, quarantined, list(registry.denied.values()))
    _log_quarantined(settled, known=registry.quarantined)
    return settled


def load_plugin(candidate: Candidate) -> Plugin:
    """Import one plugin and check its manifest; raises the PluginError that tells why it can't be used."""
    try:
        module, manifest = load_manifest(candidate)
        migrations = locate_migrations(candidate.name, manifest.migrations) if manifest.migrations else None
    except PluginError:
        raise
    except (Exception, SystemExit) as error:  # a plugin's objects may raise wherever they are looked at
        raise PluginImportFailed(
            f"looking at {candidate.module!r} of {candidate.origin} raised {tell(error)}; repair or uninstall the "
            "distribution, or deny the plugin",
            plugin=candidate.name,
        ) from error
    return Plugin(candidate, module, manifest, migrations)


def load_manifest(candidate: Candidate) -> tuple[ModuleType, Manifest]:
    """Import one plugin and check its manifest, but not its migrations."""
    module = import_plugin(candidate)
    manifest = read_manifest(candidate, module)
    check_manifest(candidate, manifest)
    return module, manifest


def _settle(plugins: Sequence[Plugin], quarantined: list[Quarantined], denied: Sequence[Candidate]) -> Registry:
    """Quarantine until every requirement is met and every hook fits, then order what remains.

    Each fault can uncover others (a plugin that required the culprit, a hook that only the culprit specified), so
    everything is looked at again after each.
    """
    remaining = {plugin.name: plugin for plugin in plugins}

    def quarantine(faults: Mapping[str, PluginError]) -> None:
        quarantined.extend(Quarantined(remaining.pop(name).candidate, fault) for name, fault in faults.items())

    while True:
        absent = {entry.name: f"is quarantined ({entry.error})" for entry in quarantined}
        absent |= {candidate.name: DENIED for candidate in denied}
        if faults := _missing_requirements(remaining, absent):
            quarantine(faults)
            continue
        try:
            order = dependency_order(
                {name: plugin.manifest.requires for name, plugin in remaining.items()}, lambda name: name
            )
        except CycleError as error:
            quarantine(_cycle(error.args[1]))
            continue
        ordered = [remaining[name] for name in order]
        manager, hook_faults = build_manager(ordered)
        if not hook_faults:
            return Registry(ordered, quarantined, denied, manager)
        quarantine(hook_faults)


def _missing_requirements(plugins: Mapping[str, Plugin], absent: Mapping[str, str]) -> dict[str, PluginError]:
    faults: dict[str, PluginError] = {}
    for plugin in plugins.values():
        missing = next((name for name in plugin.manifest.requires if name not in plugins), None)
        if missing is not None:
            why = absent.get(missing, f"isn't installed; install its distribution, such as storeroom-{missing}")
            faults[plugin.name] = RequirementMissing(
                f"plugin {plugin.name!r} requires {missing!r}, which {why}", plugin=plugin.name, requirement=missing
            )
    return faults


def _cycle(cycle: Sequence[str]) -> dict[str, PluginError]:
    # graphlib walks from a node to those that need it; the reverse reads as 'a requires b'.
    path = list(reversed(cycle))
    shown = " requires ".join(map(repr, path))
    return {
        name: RequirementCycle(
            f"plugin {name!r} requires itself: {shown}; one of them must do without", plugin=name, cycle=tuple(path)
        )
        for name in path[1:]
    }


def _log_quarantined(registry: Registry, known: Collection[str] = ()) -> None:
    for name, entry in registry.quarantined.items():
        if name not in known:
            logger.warning("plugin %s is quarantined: %s", name, entry.error)


def _configure_mappers(registry: Registry) -> list[PluginError]:
    problems: list[PluginError] = []
    for plugin in registry.plugins.values():
        if plugin.manifest.models is not None:
            try:
                plugin.manifest.models.registry.configure(cascade=True)
            except Exception as error:  # a relationship may call the plugin's code
                problems.append(
                    ManifestInvalid(
                        f"the models of plugin {plugin.name!r} can't be configured: {type(error).__name__}: {error}; "
                        "correct their relationships",
                        plugin=plugin.name,
                    )
                )
    return problems
