"""A plugin's revisions as one line, read by Alembic from its migrations package."""

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from alembic.script import Script, ScriptDirectory

from storeroom.errors import DowngradeRefused, MigrationsInvalid, RevisionFailed, RevisionMissing
from storeroom.migrations.state import LedgerSnapshot
from storeroom.names import CORE_PLUGIN, PLUGIN_NAME
from storeroom.ordering import dependency_order
from storeroom.registry import Plugin, Registry, check_revision_id


@dataclass(frozen=True, slots=True)
class Revision:
    """One step of one plugin's schema.

    `position` counts from 1 within the plugin. `requires` are revisions of other plugins that must be applied
    before. One that isn't `transactional` runs outside any transaction and must be repeatable. One without
    `downgrade` can't be taken back; where `is_undone`, that is what `run` does.
    """

    plugin: str
    id: str
    position: int
    message: str
    requires: Sequence[tuple[str, str]]
    transactional: bool
    run: Callable[[], None] = field(compare=False)  # another one each time that the file is read
    downgrade: Callable[[], None] | None = field(compare=False)
    is_undone: bool = False

    def undone(self) -> "Revision":
        """Return the step back. Raises DowngradeRefused where there is none."""
        if self.downgrade is None:
            raise DowngradeRefused(
                f"revision {self.id!r} of plugin {self.plugin!r} has no function downgrade(); define it, or purge the "
                "plugin",
                plugin=self.plugin,
                revision=self.id,
            )
        return replace(self, run=self.downgrade, is_undone=True)

    def failed(self, what: str, cure: str | None = None) -> RevisionFailed:
        """Make the error that tells what went wrong, what became of it, and what to do: repair it, unless told."""
        outcome = (
            "everything was rolled back"
            if self.transactional
            else "it is not recorded, and will be run again by the next try"
        )
        deniable = self.plugin != CORE_PLUGIN and not self.is_undone
        others = f", or deny {self.plugin!r} so that the others can be upgraded" if deniable else ""
        subject = f"the downgrade of revision {self.id!r}" if self.is_undone else f"revision {self.id!r}"
        repair = f"repair the revision{', or drop what is built on its tables' if self.is_undone else others}"
        return RevisionFailed(
            f"{subject} of plugin {self.plugin!r} failed: {what}; {outcome}; {cure or repair}",
            plugin=self.plugin,
            revision=self.id,
        )


def load_revisions(plugin: Plugin) -> Sequence[Revision]:
    """Read all revisions of a plugin, the oldest first; none for one without tables.

    Raises MigrationsInvalid unless they can be imported, form one line, and end at the revision that HEAD names.
    """
    name, package = plugin.name, plugin.migrations
    if package is None:
        return []
    directory = ScriptDirectory(str(package.path), version_locations=[str(package.versions)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Alembic only warns of an id that occurs twice
            scripts = list(directory.walk_revisions())
    except (Exception, SystemExit) as error:
        raise MigrationsInvalid(
            f"the revisions of plugin {name!r} can't be read: {type(error).__name__}: {error}; repair the file",
            plugin=name,
        ) from error
    scripts.reverse()
    _refuse_branches(name, scripts)
    for previous, script in zip([None, *scripts], scripts, strict=False):
        if script.down_revision != (previous.revision if previous else None) or script.dependencies:
            raise MigrationsInvalid(
                f"the revisions of plugin {name!r} must form one line, but {script.revision!r} follows "
                f"{script.down_revision!r} (depends_on {script.dependencies!r}); put each after the one before it",
                plugin=name,
            )
        check_revision_id(name, script.revision)
    last = scripts[-1].revision if scripts else None
    if package.head != last:
        raise MigrationsInvalid(
            f"HEAD of plugin {name!r} says {package.head!r}, but its last revision is {last!r}; correct HEAD",
            plugin=name,
        )
    return [_revision(plugin, script, position) for position, script in enumerate(scripts, start=1)]


def _refuse_branches(plugin: str, scripts: Sequence[Script]) -> None:
    """Raise MigrationsInvalid where two revisions follow one, as when two authors' work is merged."""
    followers: dict[Any, list[str]] = {}
    for script in scripts:
        followers.setdefault(script.down_revision, []).append(script.revision)
    for before, several in followers.items():
        if len(several) > 1:
            first, second, *_ = sorted(several)
            place = f"both follow {before!r}" if before is not None else "are both the first"
            raise MigrationsInvalid(
                f"the revisions of plugin {plugin!r} must form one line, but {first!r} and {second!r} {place}, as "
                "after a merge; set down_revision of one of them to the other, and name the last in HEAD",
                plugin=plugin,
            )


def unreadable_revisions(registry: Registry) -> Mapping[str, MigrationsInvalid]:
    """Return the plugins whose revisions can't be used, which an upgrade would find, with the cause."""
    faults = {}
    for plugin in registry.plugins.values():
        try:
            load_revisions(plugin)
        except MigrationsInvalid as error:
            faults[plugin.name] = error
    return faults


def pending_order(
    plugins: Sequence[Plugin], revisions: Mapping[str, Sequence[Revision]], ledger: LedgerSnapshot
) -> Sequence[Revision]:
    """Sort the revisions that are not applied yet: what one requires first, then in the order of the plugins.

    Raises RevisionMissing when one requires a revision that is neither applied nor among them.
    """
    pending = {
        (revision.plugin, revision.id): revision
        for plugin in plugins
        for revision in revisions[plugin.name]
        if revision.id not in ledger.applied.get(plugin.name, ())
    }
    needs: dict[tuple[str, str], Collection[tuple[str, str]]] = {}
    for key, revision in pending.items():
        before = [key for key in _predecessor(revision, revisions) if key in pending]
        for required_plugin, required in revision.requires:
            if (required_plugin, required) in pending:
                before.append((required_plugin, required))
            elif required not in ledger.applied.get(required_plugin, ()):
                raise RevisionMissing(
                    f"revision {revision.id!r} of plugin {revision.plugin!r} requires {required!r} of plugin "
                    f"{required_plugin!r}, which has no such revision; install a newer version of its distribution",
                    plugin=revision.plugin,
                    revision=revision.id,
                    requirement=f"{required_plugin}:{required}",
                )
        needs[key] = before
    rank = {plugin.name: index for index, plugin in enumerate(plugins)}
    return [
        pending[key] for key in dependency_order(needs, lambda key: (rank[pending[key].plugin], pending[key].position))
    ]


def _predecessor(revision: Revision, revisions: Mapping[str, Sequence[Revision]]) -> list[tuple[str, str]]:
    if revision.position == 1:
        return []
    return [(revision.plugin, revisions[revision.plugin][revision.position - 2].id)]


def _revision(plugin: Plugin, script: Script, position: int) -> Revision:
    module: ModuleType = script.module
    upgrade, downgrade = getattr(module, "upgrade", None), getattr(module, "downgrade", None)
    if not callable(upgrade):
        raise MigrationsInvalid(
            f"revision {script.revision!r} of plugin {plugin.name!r} has no function upgrade(); define it",
            plugin=plugin.name,
        )
    return Revision(
        plugin.name,
        script.revision,
        position,
        (script.doc or "").partition("\n")[0],
        _requirements(plugin, script.revision, getattr(module, "requires", ())),
        bool(getattr(module, "transactional", True)),
        upgrade,
        downgrade if callable(downgrade) else None,
    )


def _requirements(plugin: Plugin, revision: str, requires: Any) -> Sequence[tuple[str, str]]:
    requirements = []
    for each in (requires,) if isinstance(requires, str) else requires:
        required_plugin, separator, required = str(each).partition(":")
        if not separator or not PLUGIN_NAME.fullmatch(required_plugin) or not required:
            raise MigrationsInvalid(
                f"revision {revision!r} of plugin {plugin.name!r} requires {each!r}; write '<plugin>:<revision>'",
                plugin=plugin.name,
            )
        if required_plugin not in plugin.manifest.requires:
            raise MigrationsInvalid(
                f"revision {revision!r} of plugin {plugin.name!r} requires {each!r}; "
                f"list {required_plugin!r} in the manifest's requires as well",
                plugin=plugin.name,
            )
        requirements.append((required_plugin, required))
    return requirements
