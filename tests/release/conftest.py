"""Projects that can be released, in git, cut down to core and a plugin or two; each test spoils a copy of its own."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tools.release.building import Built, build
from tools.release.source import distributions

TIME = 1_800_000_000

Spoil = Callable[[Path], object]


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True, text=True).stdout


def commit(root: Path, message: str = "feat: all of it") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def copy(root: Path, plugins: Sequence[str]) -> Path:
    """Copy core, these plugins and the pages, as they are in the checkout."""
    left_out = shutil.ignore_patterns("__pycache__", "*.db", "dist", "build")
    for folder in ("core", *(f"plugins/{name}" for name in plugins)):
        shutil.copytree(ROOT / folder, root / folder, ignore=left_out)
    (root / "docs" / "reference").mkdir(parents=True)
    for file in (".gitignore", "CHANGELOG.md", "docs/reference/face.txt"):
        shutil.copy(ROOT / file, root / file)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of core and one plugin, committed."""
    root = copy(tmp_path / "project", ["jobs"])
    git(root, "init", "--quiet")
    commit(root)
    return root


@pytest.fixture
def build_plugin(tmp_path: Path) -> Callable[[Spoil], Built]:
    """Builds the plugin after something was done to its folder."""

    def make(spoil: Spoil) -> Built:
        root = copy(tmp_path / "spoilt", ["jobs"])
        spoil(root / "plugins" / "jobs")
        (jobs,) = (each for each in distributions(root) if each.plugin == "jobs")
        return build(jobs, tmp_path / "dist", time=TIME)

    return make


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
