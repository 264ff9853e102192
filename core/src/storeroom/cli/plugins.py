"""Commands that plugins bring."""

from typing import Any

import typer

from storeroom.discovery import Discovery
from storeroom.errors import ConfigurationError, HookFailed
from storeroom.registry import build_registry

COMMANDS_HOOK = "storeroom_commands"


def plugin_command(found: Discovery, name: str) -> Any:
    """Load the plugins and return the commands of the one named so; None when it has none.

    Raises the PluginError of a quarantined one, and HookFailed when its hook raises.
    """
    if name not in _names(found):
        return None
    registry = build_registry(found)
    if name in registry.quarantined:
        raise registry.quarantined[name].error
    if name in registry.denied:
        raise ConfigurationError(f"plugin {name!r} is denied here; change STOREROOM_ALLOW or STOREROOM_DENY")
    for plugin, implementation in registry.hooks.implementations(COMMANDS_HOOK):
        if plugin == name:
            commands = implementation()
            if not isinstance(commands, typer.Typer):
                raise HookFailed(
                    f"hook {COMMANDS_HOOK!r} of plugin {name!r} returned {commands!r}; it must return a typer.Typer",
                    plugin=name,
                    hook=COMMANDS_HOOK,
                )
            return typer.main.get_command(commands)
    return None


def _names(found: Discovery) -> set[str]:
    candidates = [*found.candidates, *found.denied, *(each.candidate for each in found.quarantined)]
    return {candidate.name for candidate in candidates}
