"""A plugin as it was: its revisions up to an earlier one, and a database brought there."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from alembic.script import ScriptDirectory

from storeroom.installation import Installation
from storeroom.migrations.revisions import load_revisions
from storeroom.migrations.upgrading import upgrade
from storeroom.registry import HEAD_FILE, MigrationPackage, Plugin, Registry
from storeroom.registry.hooks import build_manager


def revision_ids(plugin: Plugin) -> Sequence[str]:
    """Return the ids of a plugin's revisions, the first one first."""
    return [revision.id for revision in load_revisions(plugin)]


def upgrade_to(installation: Installation, plugin: Plugin, revision: str, folder: Path) -> None:
    """Bring a database to an earlier revision of a plugin, as a version that ended there would have.

    The revisions are copied to `folder`. The plugins that it requires are brought to their heads.
    """
    earlier = replace(plugin, migrations=_copied(plugin, revision, folder))
    plugins = [earlier if each.name == plugin.name else each for each in installation.registry.plugins.values()]
    manager, _ = build_manager(plugins)
    upgrade(installation.database, Registry(plugins, [], [], manager))


def _copied(plugin: Plugin, revision: str, folder: Path) -> MigrationPackage | None:
    package = plugin.migrations
    if package is None:
        return None
    directory = ScriptDirectory(str(package.path), version_locations=[str(package.versions)])
    kept = {each.revision for each in directory.iterate_revisions(revision, "base")}
    later = {Path(each.path).name for each in directory.walk_revisions() if each.revision not in kept}
    target = folder / revision
    ignored = [*later, "__pycache__"]
    shutil.copytree(package.path, target, ignore=shutil.ignore_patterns(*ignored))
    (target / HEAD_FILE).write_text(f"{revision}\n", encoding="utf-8")
    return MigrationPackage(target, revision)
