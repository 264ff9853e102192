"""Wheels of all distributions, and empty environments to install them into."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.snippets import ROOT

_UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, without anything of the project's but what is installed."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def install(self, *what: str | Path) -> None:
        """Install wheels with their pinned dependencies: offline where the cache has them, else from the index."""
        tool: list[str | Path] = [self.python, "-m", "pip", "install"]
        if _UV.exists():
            tool = [_UV, "pip", "install", "--python", self.python]
        command = [*tool, "--quiet", "-c", ROOT / "constraints.txt", *what]
        if _UV.exists() and self._run([*command, "--offline"]).returncode == 0:
            return
        done = self._run(command)
        assert done.returncode == 0, done.stderr

    def uninstall(self, name: str) -> None:
        command: list[str | Path] = [_UV, "pip", "uninstall", "--python", self.python, name]
        if not _UV.exists():
            command = [self.python, "-m", "pip", "uninstall", "--yes", name]
        done = self._run(command)
        assert done.returncode == 0, done.stderr

    def run(self, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return self._run([self.folder / "bin" / words[0], *words[1:]], cwd)

    def _run(self, command: list[str | Path], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of all distributions, by name, as `dev.py wheels` builds them."""
    target = tmp_path_factory.mktemp("wheels")
    subprocess.run([sys.executable, ROOT / "dev.py", "wheels", target], check=True, capture_output=True)
    return {file.name.partition("-")[0]: file for file in target.glob("*.whl")}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An empty virtual environment, which the tests of a file fill one after the other."""
    folder = tmp_path_factory.mktemp("environment")
    without_pip = ["--without-pip"] if _UV.exists() else []
    subprocess.run([sys.executable, "-m", "venv", *without_pip, folder], check=True)
    return Environment(folder)
