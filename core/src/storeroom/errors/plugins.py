"""Why plugins can't be used."""

from collections.abc import Sequence
from typing import Self

from storeroom.errors.base import StoreroomError


class PluginError(StoreroomError):
    """Why one plugin can't be used; it is quarantined with this as the cause.

    Cure: mend or upgrade the plugin's distribution, uninstall it, or name it in STOREROOM_DENY; the other plugins work
    without it.
    """

    plugin: str


class PluginNameInvalid(PluginError):
    """The entry point's name is not of the form `[a-z][a-z0-9]*`, or is core's own.

    Cure: rename the entry point: lower-case letters and digits, a letter first.
    """


class PluginNameTaken(PluginError):
    """Two distributions claim the same plugin name; neither is used.

    Cure: keep one of the distributions, and uninstall the others. Denying the name keeps all of them out.
    """

    claims: Sequence[str]


class PluginImportFailed(PluginError):
    """Importing the plugin's module raised; the original error is the `__cause__`.

    Cure: repair what the import stumbles over, often a dependency that is missing; uninstall the distribution, or deny
    the plugin.
    """


class HookInvalid(PluginError):
    """A hook implementation or specification that pluggy, or Storeroom, doesn't accept.

    `hook` is None where pluggy doesn't tell which.

    Cure: write the hook as its specification has it: its name, its arguments or fewer, no wrapper; for a hook of a
    plugin that may be absent, `@hookimpl(optionalhook=True)`.
    """

    hook: str | None


class ManifestInvalid(PluginError):
    """`storeroom_manifest` is missing, raised, or returned something that can't be used.

    Cure: define `storeroom_manifest`, decorated with `@hookimpl`, and return a `Manifest` whose parts fit each other.
    """


class NameNotOwned(PluginError):
    """A table, repository or hook whose name belongs to another plugin.

    Cure: call it as the plugin is called, or begin with that: `<plugin>_…` for tables and hooks, `<plugin>.<part>` for
    repositories.
    """

    name: str


class CoreVersionMismatch(PluginError):
    """The installed core is outside the version specifier in the manifest.

    Cure: install a version of the plugin, or of storeroom, that fits the other.
    """

    specifier: str
    installed: str


class RequirementMissing(PluginError):
    """A plugin that this one requires isn't installed, is denied, or is itself quarantined.

    Cure: install or allow the plugin that is required, or mend what keeps it out.
    """

    requirement: str


class RequirementCycle(PluginError):
    """Plugins that require each other in a circle.

    Cure: let one of them do without the others, or make them one plugin.
    """

    cycle: Sequence[str]


class MigrationsInvalid(PluginError):
    """The plugin's migrations can't be used: no package, no HEAD, or revisions that don't form one line.

    Cure: write revisions with `storeroom revision`, which keeps HEAD; see that the wheel holds HEAD and `versions/`;
    after a merge, put the revisions into one line and name the last in HEAD.
    """


class RevisionMissing(PluginError):
    """A revision requires one that neither the database nor the installed plugin has.

    Cure: install the version of the required plugin that has the revision, or correct `requires`.
    """

    revision: str
    requirement: str


class SchemaAhead(PluginError):
    """The database holds revisions of this plugin that its installed code doesn't know.

    Cure: install the version of the plugin that the database was upgraded with, or a newer one; or restore a back-up.
    """

    revision: str


class PluginErrors(StoreroomError):
    """All the problems that strict mode found, as one error.

    Cure: go through `problems`, each of which says its own; or leave strict mode, which quarantines those plugins and
    works without them.
    """

    problems: Sequence[PluginError]

    @classmethod
    def of(cls, problems: Sequence[PluginError]) -> Self:
        """Say all the problems in one error."""
        return cls(f"{len(problems)} problem(s) with plugins: " + "; ".join(map(str, problems)), problems=problems)


class RepositoryMissing(StoreroomError, LookupError):
    """No plugin in use brings the repository that was asked for.

    Cure: install the distribution that the text names, allow its plugin, or mend what keeps it in quarantine.
    """

    repository: str


class HookUnknown(StoreroomError, LookupError):
    """A hook was called that neither core nor a plugin in use specifies, or with other arguments than it takes.

    Cure: correct the name or the arguments; install the plugin that specifies the hook.
    """

    hook: str


class HookFailed(StoreroomError):
    """A plugin's hook implementation raised; the original error is the `__cause__`.

    Cure: look at the `__cause__`, and mend or deny the plugin; the other plugins' results stand.
    """

    plugin: str
    hook: str
