"""What the wheel of a plugin holds: built from its source, or as it is installed."""

import os
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence, Set
from importlib.metadata import distribution
from pathlib import Path

from build import ProjectBuilder
from packaging.utils import canonicalize_name

from storeroom.registry import Plugin

# What isn't source, and may be large; what a build leaves would find its way into the next one.
_NOT_SOURCE = (".git", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "build", "dist", ".*_cache")


def held_files(plugin: Plugin, folder: Path) -> Set[str]:
    """Return the files in the wheel of a plugin's distribution.

    A wheel is built in `folder` from a copy of the source, without a network, where the plugin runs from its source;
    where it was installed from a wheel, the record of that one is read.
    """
    source = _source_of(plugin)
    if source is None:
        name = plugin.candidate.distribution or ""
        return {file.as_posix() for file in distribution(name).files or ()}
    copy = folder / "source"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(*_NOT_SOURCE))
    builder = ProjectBuilder(copy, runner=_quietly(plugin.candidate.version or "0"))
    missing = builder.check_dependencies("wheel")
    if missing:
        raise ModuleNotFoundError(f"its build backend isn't installed: {', '.join(each[0] for each in missing)}")
    with zipfile.ZipFile(builder.build("wheel", folder / "wheel")) as wheel:
        return set(wheel.namelist())


def _source_of(plugin: Plugin) -> Path | None:
    """Return the folder above the plugin's module whose pyproject.toml is that of its distribution."""
    wanted = canonicalize_name(plugin.candidate.distribution or "")
    for folder in Path(plugin.module.__file__ or "").resolve().parents:
        file = folder / "pyproject.toml"
        if file.is_file():
            project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
            if canonicalize_name(project.get("name", "")) == wanted:
                return folder
    return None


def _quietly(version: str) -> Callable[..., None]:
    """Run the backend's hooks with their output kept back, and a version for backends that read it from a history."""

    def run(command: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        environ = {**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": version, **(extra_environ or {})}
        done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the build failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    return run
