"""Console blocks, run as a person would: each command in its turn, each line that is shown compared."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

BIN = Path(sys.executable).parent


class Shell:
    """Runs the commands of console blocks in a folder, with the variables that they export.

    `instead` are texts of the page, and what stands for them here. `…` in what is shown stands for anything, also
    several lines. A command with the remark `# refused` ends with 1, any other with 0.
    """

    def __init__(self, folder: Path, instead: Mapping[str, str]) -> None:
        self._folder, self._instead = folder, instead
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        self.environ = {**os.environ, "PATH": path, "COLUMNS": "240"}

    def run(self, block: str) -> None:
        """Run a block's commands and compare what they print with what it shows."""
        for each in block.removeprefix("$ ").split("\n$ "):
            line, *shown = each.rstrip().splitlines()
            command, _, remark = line.partition("  # ")
            for text, other in self._instead.items():
                command = command.replace(text, other)
            printed = self._execute(shlex.split(command), refused=remark == "refused")
            pattern = ".*?".join(map(re.escape, "\n".join(shown).split("…")))
            assert re.search(pattern, printed, re.DOTALL), f"{command} printed {printed!r}, not {pattern!r}"

    def _execute(self, words: list[str], *, refused: bool) -> str:
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environ[name] = value
            return ""
        done = subprocess.run(
            words, cwd=self._folder, env=self.environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == int(refused), f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr
