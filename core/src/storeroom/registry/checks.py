"""What core demands of a manifest before it takes a plugin in."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import ArgumentError, NoReferenceError
from sqlalchemy.orm import DeclarativeBase

from storeroom.discovery import Candidate
from storeroom.errors import CoreVersionMismatch, ManifestInvalid, NameNotOwned
from storeroom.manifest import Manifest
from storeroom.names import CORE_PLUGIN, PLUGIN_NAME, owns_part
from storeroom.orm import PluginMetaData
from storeroom.repository import BaseRepository

# Any other action would let rows of an absent plugin block its neighbour's deletes.
_FOREIGN_ACTIONS = ("CASCADE", "SET NULL")


def check_manifest(candidate: Candidate, manifest: Manifest) -> None:
    """Raise the PluginError that fits when a manifest can't be accepted."""
    plugin = candidate.name
    _check_core(plugin, manifest.core)
    _check_requires(plugin, manifest.requires)
    _check_repositories(plugin, manifest.repositories)
    _check_hookspecs(plugin, manifest.hookspecs)
    if (manifest.models is None) != (manifest.migrations is None):
        raise ManifestInvalid(
            f"the manifest of plugin {plugin!r} has models without migrations, or the reverse; give both or neither",
            plugin=plugin,
        )
    if manifest.models is not None:
        metadata = _own_metadata(plugin, manifest.models)
        for table in metadata.tables.values():
            _check_foreign_keys(plugin, table, manifest.requires)


@cache
def _core_version() -> str:
    # Looking it up takes milliseconds, and there may be many plugins.
    return version(CORE_PLUGIN)


def _check_core(plugin: str, specifier: str) -> None:
    if not specifier:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # a tenth of what opening takes

    installed = _core_version()
    try:
        accepted = SpecifierSet(specifier).contains(installed, prereleases=True)
    except InvalidSpecifier as error:
        raise ManifestInvalid(
            f"core={specifier!r} in the manifest of plugin {plugin!r} isn't a version specifier; write '>=0.1,<1'",
            plugin=plugin,
        ) from error
    if not accepted:
        raise CoreVersionMismatch(
            f"plugin {plugin!r} needs storeroom {specifier}, but {installed} is installed; "
            "install a version of either that fits the other",
            plugin=plugin,
            specifier=specifier,
            installed=installed,
        )


def _check_requires(plugin: str, requires: Sequence[str]) -> None:
    for name in requires:
        if not PLUGIN_NAME.fullmatch(name) or name in (plugin, CORE_PLUGIN):
            raise ManifestInvalid(
                f"plugin {plugin!r} can't require {name!r}: it isn't the name of another plugin; correct or remove it",
                plugin=plugin,
            )


def _check_repositories(plugin: str, repositories: Sequence[type[BaseRepository]]) -> None:
    names = set()
    for repository in repositories:
        name = getattr(repository, "name", None)
        if not isinstance(name, str) or not owns_part(plugin, name):
            raise NameNotOwned(
                f"repository name {name!r} of {repository.__name__} isn't for plugin {plugin!r} to take: "
                f"set name = {plugin!r}, or '{plugin}.<part>'",
                plugin=plugin,
                name=str(name),
            )
        if name in names:
            raise ManifestInvalid(
                f"two repositories of plugin {plugin!r} are named {name!r}; rename one '{plugin}.<part>'",
                plugin=plugin,
            )
        names.add(name)


def _check_hookspecs(plugin: str, hookspecs: object) -> None:
    for name in dir(hookspecs) if hookspecs is not None else ():
        if hasattr(getattr(hookspecs, name), "storeroom_spec") and not name.startswith(f"{plugin}_"):
            raise NameNotOwned(
                f"hook {name!r} isn't for plugin {plugin!r} to specify: call it '{plugin}_…'", plugin=plugin, name=name
            )


def _own_metadata(plugin: str, models: type[DeclarativeBase]) -> PluginMetaData:
    metadata = models.metadata
    if not isinstance(metadata, PluginMetaData):
        raise ManifestInvalid(
            f"models={models!r} of plugin {plugin!r} must be a declarative base with "
            f"registry = plugin_registry({plugin!r})",
            plugin=plugin,
        )
    if metadata.plugin != plugin:
        raise NameNotOwned(
            f"the models of plugin {plugin!r} are registered as those of {metadata.plugin!r}; "
            f"use plugin_registry({plugin!r}), or correct the entry point's name",
            plugin=plugin,
            name=metadata.plugin,
        )
    return metadata


def _check_foreign_keys(plugin: str, table: Table, requires: Sequence[str]) -> None:
    for constraint in table.foreign_key_constraints:
        owner = _referred_owner(plugin, table, constraint)
        if owner == plugin:
            continue
        named = f"the foreign key of {table.name}.{', '.join(constraint.column_keys)}"
        if owner not in requires:
            whose = f"plugin {owner!r}, which {plugin!r} doesn't require" if owner else "no plugin"
            raise ManifestInvalid(
                f"{named} refers to a table of {whose}; refer to required plugins only, and list them in the manifest",
                plugin=plugin,
            )
        if (constraint.ondelete or "").upper() not in _FOREIGN_ACTIONS:
            raise ManifestInvalid(
                f"{named} refers to plugin {owner!r} with ondelete={constraint.ondelete!r}; it must say "
                f"{' or '.join(_FOREIGN_ACTIONS)}, or rows left behind would block that plugin's deletes",
                plugin=plugin,
            )


def _referred_owner(plugin: str, table: Table, constraint: ForeignKeyConstraint) -> str | None:
    try:
        metadata = constraint.referred_table.metadata
    except (NoReferenceError, ArgumentError) as error:
        raise ManifestInvalid(
            f"a foreign key of table {table.name!r} can't be resolved: {error}; refer to another plugin's column by "
            "attribute, as in ForeignKey(Note.id)",
            plugin=plugin,
        ) from error
    return metadata.plugin if isinstance(metadata, PluginMetaData) else None
