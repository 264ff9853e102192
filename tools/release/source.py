"""What is to be released: the distributions of a project, and its files as they are committed."""

import io
import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

CORE = "storeroom"


@dataclass(frozen=True)
class Distribution:
    """One of them, by its folder."""

    folder: Path
    name: str
    version: Version

    @property
    def package(self) -> str:
        """The name that it is imported by, which the files that are built begin with too."""
        return self.name.replace("-", "_")

    @property
    def plugin(self) -> str | None:
        """The plugin that it brings; none, of core."""
        return None if self.name == CORE else self.name.removeprefix(f"{CORE}-")


class NotReleasable(Exception):
    """What is wrong with a project, before anything can be built."""


def distributions(root: Path) -> Sequence[Distribution]:
    """Return core, and then the domain plugins by name: the order in which they are uploaded.

    Raises NotReleasable for a version that isn't one.
    """
    files = [root / "core" / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))]
    found = []
    for file in files:
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        try:
            found.append(Distribution(file.parent, project["name"], Version(project["version"])))
        except InvalidVersion as error:
            raise NotReleasable(f"{file.parent.name} has no version: {error}; correct its pyproject.toml") from None
    return found


def export(root: Path, target: Path) -> None:
    """Write the files of the last commit into a folder. Raises NotReleasable where there is none."""
    try:
        archive = git(root, "archive", "HEAD")
    except subprocess.CalledProcessError as error:
        cause = error.stderr.decode(errors="replace").strip()
        raise NotReleasable(f"{root} has no commit to release ({cause}); run this in a clone of the project") from error
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(target, filter="data")


def committed_at(root: Path) -> int:
    """Return when the last commit was made, in seconds: the time that all that is built has."""
    return int(git(root, "log", "-1", "--format=%ct"))


def uncommitted(root: Path) -> Sequence[str]:
    """Return the files that differ from the last commit, and aren't in the release."""
    return [line[3:] for line in git(root, "status", "--porcelain").decode().splitlines()]


def tags(root: Path) -> Sequence[str]:
    """Return the names of all tags."""
    return git(root, "tag", "--list").decode().split()


def git(root: Path, *words: str) -> bytes:
    """Return what git prints. Raises CalledProcessError where it fails."""
    program = shutil.which("git")
    if program is None:
        raise NotReleasable("there is no git here; install it: what is released is what is committed")
    return subprocess.run([program, "-C", root, *words], capture_output=True, check=True).stdout
