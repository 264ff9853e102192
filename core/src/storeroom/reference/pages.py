"""The reference of an installation: one page, or one for each plugin."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Dialect

from storeroom.names import CORE_PLUGIN
from storeroom.reference.database import Holdings, database_section
from storeroom.reference.hooks import hooks_section
from storeroom.reference.markdown import listed, plain, table
from storeroom.reference.repositories import generic_verbs, repository_section, verb_list
from storeroom.reference.tables import DIALECTS, tables_of, tables_section
from storeroom.registry import Plugin, Registry

NOTE = "<!-- Written by `storeroom docs`. -->"
GENERIC = "generic-verbs"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reference tells of, and where in it a section is, by the section's name."""

    registry: Registry
    held: Holdings | None
    place: Callable[[str], str]

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """The databases in whose words types are shown."""
        return DIALECTS if self.held is None else {self.held.kind: self.held.dialect}

    def linked(self, plugin: str) -> str:
        """Return a plugin's name with a link to its section."""
        return f"[`{plugin}`]({self.place(f'plugin-{plugin}')})"


def one_page(registry: Registry, held: Holdings | None) -> str:
    """Return the whole reference as one page."""
    reference = Reference(registry, held, "#{}".format)
    plugins = [plugin_section(reference, each, 2) for each in registry.plugins.values()]
    return _page(_overview(reference), *plugins, generic_section(2))


def pages(registry: Registry, held: Holdings | None) -> Mapping[str, str]:
    """Return the reference as several pages, by their file names."""
    reference = Reference(registry, held, "{}.md".format)
    found = {"index.md": _page(_overview(reference)), f"{GENERIC}.md": _page(generic_section(1))}
    for name, plugin in registry.plugins.items():
        found[f"plugin-{name}.md"] = _page(plugin_section(reference, plugin, 1))
    return found


def stale(folder: Path, made: Collection[str]) -> Iterator[Path]:
    """Yield the pages in a folder that were written by an earlier run, of plugins that aren't in use any more."""
    for file in sorted(folder.glob("plugin-*.md")):
        if file.name not in made and file.read_text(encoding="utf-8").startswith(NOTE):
            yield file


def plugin_section(reference: Reference, plugin: Plugin, level: int) -> str:
    """Return the section on a plugin in use; headings begin at `level`."""
    manifest, deeper = plugin.manifest, "#" * (level + 1)
    tables = tables_of(plugin)
    parts = [
        f"{'#' * level} Plugin `{plugin.name}`",
        _facts(reference, plugin),
        f"{deeper} Repositories" if manifest.repositories else "",
        *(repository_section(each, level + 2, reference.place(GENERIC)) for each in manifest.repositories),
        f"{deeper} Tables" if tables else "",
        tables_section(tables, level + 2, reference.dialects) if tables else "",
        hooks_section(reference.registry, plugin, level + 1),
    ]
    return "\n\n".join(filter(None, parts))


def _facts(reference: Reference, plugin: Plugin) -> str:
    manifest = plugin.manifest
    facts = [f"From {plain(plugin.candidate.origin)}, as the module `{plugin.candidate.module}`"]
    facts += [f"requires {', '.join(map(reference.linked, manifest.requires))}"] if manifest.requires else []
    facts += [f"for storeroom `{manifest.core}`"] if manifest.core else []
    facts += [f"its last revision is `{plugin.migrations.head}`" if plugin.migrations else "without tables"]
    return f"{'; '.join(facts)}."


def _overview(reference: Reference) -> str:
    registry, held = reference.registry, reference.held
    rows = [
        [
            reference.linked(name),
            plain(plugin.candidate.distribution or "–"),
            plugin.candidate.version or "–",
            listed(plugin.manifest.requires),
            listed([each.name for each in plugin.manifest.repositories]),
        ]
        for name, plugin in registry.plugins.items()
    ]
    heads = ["plugin", "distribution", "version", "requires", "repositories"]
    parts = [
        "# What is installed",
        f"Storeroom {version(CORE_PLUGIN)}, with these plugins in use:" if rows else "No plugin is in use.",
        table(heads, rows) if rows else "",
        _kept_out(registry),
        database_section(held) if held is not None else "",
    ]
    return "\n\n".join(filter(None, parts))


def _kept_out(registry: Registry) -> str:
    denied = "STOREROOM_ALLOW or STOREROOM_DENY keeps it out"
    kept = [(each.candidate, "quarantined", str(each.error)) for each in registry.quarantined.values()]
    kept += [(candidate, "denied", denied) for candidate in registry.denied.values()]
    rows = [[f"`{each.name}`", plain(each.origin), state, plain(why)] for each, state, why in kept]
    return f"## Kept out\n\n{table(['plugin', 'from', 'state', 'cause'], rows)}" if rows else ""


def generic_section(level: int) -> str:
    """Return the section on the generic verbs, of which repositories name only those that they have."""
    says = "Of repositories over one model, where nothing else is said; see `storeroom.ModelRepository`."
    return f"{'#' * level} Generic verbs\n\n{says}\n\n{verb_list(generic_verbs())}"


def _page(*sections: str) -> str:
    return "\n\n".join([NOTE, *sections]) + "\n"
