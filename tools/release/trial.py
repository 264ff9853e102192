"""What was built, installed by itself into a fresh environment and put to use, without any index."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from tools.release.building import Built
from tools.release.source import CORE

_USE = """
import sys
from storeroom import Storeroom

with Storeroom.open(sys.argv[1], upgrade=True, strict=True) as room:
    print(*sorted(room.registry.plugins))
    for difference in (each for drift in room.drift() for each in drift.differences):
        print(difference, file=sys.stderr)
"""


def trial(built: Sequence[Built], folder: Path) -> Iterator[str]:
    """Install the wheels, and yield what doesn't work: the command, or a program that opens a database with all.

    What they depend on is taken from the environment that this runs in; nothing else of the project is.
    """
    environment = Environment(folder)
    installed = environment.install(*(each.wheel for each in built))
    if installed.returncode:
        yield f"trial: the wheels can't be installed: {_told(installed)}"
        return
    yield from _command(environment, built)
    database = folder / "trial.db"
    used = environment.run("python", "-c", _USE, f"sqlite:///{database}")
    expected = " ".join(sorted(each.distribution.plugin or "" for each in built if each.distribution.plugin))
    if used.returncode or used.stderr or used.stdout.strip() != expected:
        yield f"trial: a program with all plugins says {_told(used)!r} and should say {expected!r}"


def _command(environment: "Environment", built: Sequence[Built]) -> Iterator[str]:
    """Ask the command what is installed, and load it."""
    listed = environment.run(CORE, "plugins", "--load", "--json")
    if listed.returncode:
        yield f"trial: storeroom plugins --load ends with {listed.returncode}: {_told(listed)}"
        return
    found = {each["name"]: (each["version"], each["state"]) for each in json.loads(listed.stdout)["plugins"]}
    for each in (one.distribution for one in built if one.distribution.plugin is not None):
        state = found.pop(each.plugin, None)
        if state != (str(each.version), "loaded"):
            yield f"trial: storeroom plugins has {each.plugin} as {state}, and should as {each.version}, loaded"
    yield from (f"trial: storeroom plugins finds {name} as well, which isn't released here" for name in found)


class Environment:
    """A virtual environment with what the present one has, but for the project's own distributions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "environment"
        venv.create(self._folder, with_pip=False, symlinks=os.name != "nt")
        others = folder / "others"
        others.mkdir()
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            if path.suffix != ".pth" and not path.name.lstrip("_").startswith((CORE, "editable")):
                (others / path.name).symlink_to(path)
        (self._library() / "others.pth").write_text(f"{others}\n", encoding="utf-8")

    def install(self, *wheels: Path) -> subprocess.CompletedProcess[str]:
        """Install wheels, without what they depend on."""
        python = self._folder / "bin" / "python"
        tool: list[str | Path]
        if find_spec("pip") is not None:
            tool = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index"]
        else:
            tool = [Path(sys.executable).with_name("uv"), "pip", "install", "--python", python, "--offline"]
        return self._call([*tool, "--quiet", "--no-deps", *wheels])

    def run(self, program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of the environment's programs, in a folder without any code."""
        return self._call([self._folder / "bin" / program, *words])

    def _call(self, words: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        left_out = ("PYTHONPATH", "STOREROOM_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return subprocess.run(words, cwd=self._folder, env=environ, capture_output=True, text=True, check=False)

    def _library(self) -> Path:
        return Path(sysconfig.get_path("purelib", vars={"base": str(self._folder)}))


def _told(done: subprocess.CompletedProcess[str]) -> str:
    return f"{done.stdout}{done.stderr}".strip()
