"""The hooks that a plugin implements, and those that it specifies for others."""

from storeroom.reference.markdown import first_sentence
from storeroom.reference.signatures import shown_signature
from storeroom.registry import Plugin, Registry


def hooks_section(registry: Registry, plugin: Plugin, level: int) -> str:
    """Return the sections on a plugin's hooks; empty where it has none but its manifest."""
    specified = registry.hooks.specified(plugin.manifest.hookspecs)
    lines = [f"- `{name}{shown_signature(each)}`{_says(each)}" for name, each in specified.items()]
    parts = [f"{'#' * level} Hooks that it specifies", "\n".join(lines)] if lines else []
    implemented = registry.hooks.implemented(plugin.name)
    lines = [
        f"- `{name}`{_says(each)}{'' if registry.hooks.is_specified(name) else ' Nobody here specifies it.'}"
        for name, each in implemented.items()
        if name != "storeroom_manifest"
    ]
    parts += [f"{'#' * level} Hooks that it implements", "\n".join(lines)] if lines else []
    return "\n\n".join(parts)


def _says(function: object) -> str:
    sentence = first_sentence(function)
    return f": {sentence}" if sentence else ""
