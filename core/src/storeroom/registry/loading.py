"""Loading one plugin: its module, its manifest, its migrations' head; each failure is that plugin's alone."""

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from storeroom.discovery import Candidate
from storeroom.errors import ManifestInvalid, MigrationsInvalid, PluginImportFailed, tell
from storeroom.manifest import Manifest
from storeroom.names import suggestion

MANIFEST_HOOK = "storeroom_manifest"
HEAD_FILE = "HEAD"
REVISION_ID = re.compile(r"[a-z0-9_]{1,32}")

# Pluggy's marker leaves its options on the function under this name.
_HOOKIMPL_ATTRIBUTE = "storeroom_impl"


@dataclass(frozen=True, slots=True)
class MigrationPackage:
    """Where a plugin's revisions are, and which of them is the last: the content of HEAD."""

    path: Path
    head: str

    @property
    def versions(self) -> Path:
        """The folder of the revision files."""
        return self.path / "versions"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A loaded plugin: its candidate, module, manifest and migrations (None for one without tables)."""

    candidate: Candidate
    module: ModuleType
    manifest: Manifest
    migrations: MigrationPackage | None

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.candidate.name


def import_plugin(candidate: Candidate) -> ModuleType:
    """Import the plugin's module; raises PluginImportFailed, also when the import tries to exit the process."""
    if not isinstance(candidate.source, EntryPoint):
        return candidate.source
    try:
        module: Any = candidate.source.load()
    except (Exception, SystemExit) as error:
        raise PluginImportFailed(
            f"importing {candidate.module!r} of {candidate.origin} raised {tell(error)}; "
            "repair or uninstall the distribution, or deny the plugin",
            plugin=candidate.name,
        ) from error
    if not isinstance(module, ModuleType):
        raise PluginImportFailed(
            f"{candidate.module!r} of {candidate.origin} is {module!r} and not a module; correct its entry point",
            plugin=candidate.name,
        )
    return module


def read_manifest(candidate: Candidate, module: ModuleType) -> Manifest:
    """Call the plugin's `storeroom_manifest`; raises ManifestInvalid when there is none, or it doesn't work."""
    hook = getattr(module, MANIFEST_HOOK, None)
    if hook is None or not hasattr(hook, _HOOKIMPL_ATTRIBUTE):
        raise ManifestInvalid(_no_manifest(candidate, module, hook), plugin=candidate.name)
    try:
        manifest: Any = hook()
    except (Exception, SystemExit) as error:
        raise ManifestInvalid(
            f"{MANIFEST_HOOK} of {candidate.origin} raised {tell(error)}; repair it, or deny the plugin",
            plugin=candidate.name,
        ) from error
    if not isinstance(manifest, Manifest):
        raise ManifestInvalid(
            f"{MANIFEST_HOOK} of {candidate.origin} returned {manifest!r}; it must return a storeroom.Manifest",
            plugin=candidate.name,
        )
    return manifest


def _no_manifest(candidate: Candidate, module: ModuleType, hook: object) -> str:
    if hook is not None:
        return f"{MANIFEST_HOOK} in {candidate.module!r} isn't marked as a hook; decorate it with @hookimpl"
    hooks = [name for name, value in vars(module).items() if hasattr(value, _HOOKIMPL_ATTRIBUTE)]
    near = "; is it misspelt as " + repr(hooks[0]) if suggestion(MANIFEST_HOOK, hooks) else ""
    return f"{candidate.module!r} has no {MANIFEST_HOOK}{near}; define one and decorate it with @hookimpl"


def locate_migrations(plugin: str, package: str) -> MigrationPackage:
    """Find the migrations package and read its HEAD; raises MigrationsInvalid when it can't be used."""
    path = migrations_folder(plugin, package)
    return MigrationPackage(path, read_head(plugin, path / HEAD_FILE))


def migrations_folder(plugin: str, package: str) -> Path:
    """Find the folder of a migrations package; raises MigrationsInvalid when there is none on disk."""
    try:
        spec = find_spec(package)
    except (Exception, SystemExit) as error:  # it imports the packages above it
        raise MigrationsInvalid(
            f"migrations package {package!r} of plugin {plugin!r} can't be imported: {type(error).__name__}: {error}; "
            "correct its name",
            plugin=plugin,
        ) from error
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    path = next((path for path in map(Path, folders) if path.is_dir()), None)
    if path is None:
        raise MigrationsInvalid(
            f"migrations package {package!r} of plugin {plugin!r} isn't a folder on disk; correct its name, "
            f"see that the wheel holds it, or make it with 'storeroom revision {plugin} -m TEXT'",
            plugin=plugin,
        )
    return path


def read_head(plugin: str, file: Path) -> str:
    """Read a HEAD file: one line, the id of the plugin's last revision."""
    try:
        lines = file.read_text(encoding="utf-8").split()
    except FileNotFoundError as error:
        raise MigrationsInvalid(
            f"plugin {plugin!r} has no {file.name} in its migrations; 'storeroom revision {plugin} -m TEXT' writes it "
            "with each revision, and the wheel must hold it",
            plugin=plugin,
        ) from error
    except (OSError, UnicodeError) as error:
        raise MigrationsInvalid(
            f"{file.name} of plugin {plugin!r} can't be read: {error}; write the id of its last revision into it",
            plugin=plugin,
        ) from error
    if len(lines) != 1:
        raise MigrationsInvalid(
            f"{file.name} of plugin {plugin!r} holds {' '.join(lines)!r} instead of one revision id; after a merge, "
            "put the two revisions into one line and name the last",
            plugin=plugin,
        )
    check_revision_id(plugin, lines[0])
    return lines[0]


def check_revision_id(plugin: str, revision: str) -> None:
    """Raise MigrationsInvalid unless a revision id starts with `<plugin>_` and has at most 32 characters."""
    if not revision.startswith(f"{plugin}_") or not REVISION_ID.fullmatch(revision):
        raise MigrationsInvalid(
            f"revision id {revision!r} of plugin {plugin!r} can't be used: start it with '{plugin}_', in lower-case "
            "letters, digits and underscores, 32 characters at most",
            plugin=plugin,
        )
