"""Why plugins can't be used."""

from collections.abc import Sequence
from typing import Self

from storeroom.errors.base import StoreroomError


class PluginError(StoreroomError):
    """Why one plugin can't be used; it is quarantined with this as the cause."""

    plugin: str


class PluginNameInvalid(PluginError):
    """The entry point's name is not of the form `[a-z][a-z0-9]*`, or is core's own."""


class PluginNameTaken(PluginError):
    """Two distributions claim the same plugin name; neither is used."""

    claims: Sequence[str]


class PluginImportFailed(PluginError):
    """Importing the plugin's module raised; the original error is the `__cause__`."""


class HookInvalid(PluginError):
    """A hook implementation or specification that pluggy, or Storeroom, doesn't accept.

    `hook` is None where pluggy doesn't tell which.
    """

    hook: str | None


class ManifestInvalid(PluginError):
    """`storeroom_manifest` is missing, raised, or returned something that can't be used."""


class NameNotOwned(PluginError):
    """A table, repository or hook whose name belongs to another plugin."""

    name: str


class CoreVersionMismatch(PluginError):
    """The installed core is outside the version specifier in the manifest."""

    specifier: str
    installed: str


class RequirementMissing(PluginError):
    """A plugin that this one requires isn't installed, is denied, or is itself quarantined."""

    requirement: str


class RequirementCycle(PluginError):
    """Plugins that require each other in a circle."""

    cycle: Sequence[str]


class MigrationsInvalid(PluginError):
    """The plugin's migrations can't be used: no package, no HEAD, or revisions that don't form one line."""


class RevisionMissing(PluginError):
    """A revision requires one that neither the database nor the installed plugin has."""

    revision: str
    requirement: str


class SchemaAhead(PluginError):
    """The database holds revisions of this plugin that its installed code doesn't know."""

    revision: str


class PluginErrors(StoreroomError):
    """All the problems that strict mode found, as one error."""

    problems: Sequence[PluginError]

    @classmethod
    def of(cls, problems: Sequence[PluginError]) -> Self:
        """Say all the problems in one error."""
        return cls(f"{len(problems)} problem(s) with plugins: " + "; ".join(map(str, problems)), problems=problems)


class RepositoryMissing(StoreroomError, LookupError):
    """No plugin in use brings the repository that was asked for."""

    repository: str


class HookUnknown(StoreroomError, LookupError):
    """A hook was called that neither core nor a plugin in use specifies, or with other arguments than it takes."""

    hook: str


class HookFailed(StoreroomError):
    """A plugin's hook implementation raised; the original error is the `__cause__`."""

    plugin: str
    hook: str
