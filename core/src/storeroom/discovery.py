"""Who is installed: entry points and their names, looked at before any plugin code runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points
from itertools import groupby
from types import ModuleType
from typing import cast

from storeroom.errors import ConfigurationError, PluginError, PluginNameInvalid, PluginNameTaken
from storeroom.names import CORE_PLUGIN, PLUGIN_NAME

ENTRY_POINT_GROUP = "storeroom"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded: its name, where it comes from, and what to import.

    `distribution` and `version` are None for a module that the program itself brought.
    """

    name: str
    source: EntryPoint | ModuleType
    distribution: str | None = None
    version: str | None = None

    @property
    def origin(self) -> str:
        """The distribution and its version, or the module."""
        if self.distribution is not None:
            return f"{self.distribution} {self.version}"
        return f"module {self.module}"

    @property
    def module(self) -> str:
        """The name of the module that is the plugin, as the entry point or the module gives it."""
        return self.source.value if isinstance(self.source, EntryPoint) else self.source.__name__


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A plugin that is kept out, with the cause."""

    candidate: Candidate
    error: PluginError

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.candidate.name


DENIED = "is denied here; change STOREROOM_ALLOW or STOREROOM_DENY"
"""What is said of a plugin that is installed and may not load."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found: plugins that may load, plugins that the settings deny, and names that can't be used.

    `unmatched` are names in the allow- or the deny-list that nobody has: misspelt, perhaps.
    """

    candidates: Sequence[Candidate]
    denied: Sequence[Candidate]
    quarantined: Sequence[Quarantined]
    unmatched: Sequence[str] = ()


def discover(
    *,
    plugins: Mapping[str, ModuleType] | None = None,
    installed: bool = True,
    allow: Collection[str] | None = None,
    deny: Collection[str] = (),
) -> Discovery:
    """Find plugins by their metadata only, sorted by name.

    `plugins` are modules that the program brings, beside the installed ones. `allow` is the list of names that may
    load (None: all), `deny` of those that must not. A denied name is settled before anything else about it is.
    """
    found = [Candidate(name, _module(name, module)) for name, module in (plugins or {}).items()]
    if installed:
        found += [_from_entry_point(entry_point) for entry_point in entry_points(group=ENTRY_POINT_GROUP)]
    found.sort(key=lambda candidate: (candidate.name, candidate.origin))

    candidates: list[Candidate] = []
    denied: list[Candidate] = []
    quarantined: list[Quarantined] = []
    for name, group in groupby(found, key=lambda candidate: candidate.name):
        claims = list(group)
        if name in deny or (allow is not None and name not in allow):
            denied += claims
        elif not PLUGIN_NAME.fullmatch(name) or name == CORE_PLUGIN:
            quarantined += [Quarantined(claim, _invalid(claim)) for claim in claims]
        elif len(claims) > 1:
            quarantined.append(Quarantined(claims[0], _taken(name, [claim.origin for claim in claims])))
        else:
            candidates += claims
    unmatched = sorted({*deny, *(allow or ())} - {candidate.name for candidate in found})
    return Discovery(candidates, denied, quarantined, unmatched)


def _module(name: str, module: ModuleType) -> ModuleType:
    if not isinstance(module, ModuleType):
        raise ConfigurationError(f"plugins={{{name!r}: {module!r}}} isn't a module; import it and give it itself")
    return module


def _from_entry_point(entry_point: EntryPoint) -> Candidate:
    distribution = cast("Distribution", entry_point.dist)  # entry_points() always sets it
    metadata = distribution.metadata  # which is parsed each time that it is asked for
    return Candidate(entry_point.name, entry_point, metadata["Name"], metadata["Version"])


def _invalid(candidate: Candidate) -> PluginNameInvalid:
    rule = (
        f"{CORE_PLUGIN!r} is core's own name"
        if candidate.name == CORE_PLUGIN
        else "a name is lower-case letters and digits, a letter first"
    )
    return PluginNameInvalid(
        f"plugin name {candidate.name!r} of {candidate.origin} can't be used: {rule}; rename its entry point",
        plugin=candidate.name,
    )


def _taken(name: str, claims: Sequence[str]) -> PluginNameTaken:
    return PluginNameTaken(
        f"plugin name {name!r} is claimed by {' and by '.join(claims)}; keep one of them, and uninstall or leave out "
        "the others",
        plugin=name,
        claims=tuple(claims),
    )
