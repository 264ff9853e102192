"""Commands that plugins bring."""

from collections.abc import Sequence
from typing import Any

import typer

from storeroom.discovery import DENIED, Discovery
from storeroom.errors import ConfigurationError, HookFailed
from storeroom.names import suggestion
from storeroom.registry import build_registry

COMMANDS_HOOK = "storeroom_commands"


def plugin_command(found: Discovery, name: str, others: Sequence[str]) -> Any:
    """Load the plugins and return the commands of the one named so; `others` are core's own commands.

    Raises ConfigurationError where there are none, the PluginError of a quarantined one, and HookFailed when its hook
    raises.
    """
    plugins = _names(found)
    if name not in plugins:
        near = suggestion(name, [*others, *plugins])
        raise ConfigurationError(f"there is no command or plugin {name!r}{near}; see storeroom --help")
    registry = build_registry(found)
    if name in registry.quarantined:
        raise registry.quarantined[name].error
    if name in registry.denied:
        raise ConfigurationError(f"plugin {name!r} {DENIED}")
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
    raise ConfigurationError(f"plugin {name!r} brings no commands; core's are in storeroom --help")


def _names(found: Discovery) -> set[str]:
    candidates = [*found.candidates, *found.denied, *(each.candidate for each in found.quarantined)]
    return {candidate.name for candidate in candidates}
