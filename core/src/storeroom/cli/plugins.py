"""Commands that plugins bring."""

from typing import Any

import typer

from storeroom.discovery import Discovery
from storeroom.registry import build_registry

COMMANDS_HOOK = "storeroom_commands"


def plugin_command(found: Discovery, name: str) -> Any:
    """Load the plugins and return the commands of the one named so; None when it has none.

    Raises the PluginError of a quarantined one, and HookFailed when its hook raises.
    """
    if name not in [candidate.name for candidate in found.candidates]:
        return None
    registry = build_registry(found)
    if name in registry.quarantined:
        raise registry.quarantined[name].error
    for plugin, implementation in registry.hooks.implementations(COMMANDS_HOOK):
        if plugin == name:
            commands = implementation()
            return typer.main.get_command(commands)
    return None
