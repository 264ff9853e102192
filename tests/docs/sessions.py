"""Console blocks, run as a person would: each command in its turn, each line that is shown compared."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.cli.conftest import Cli


class Shell:
    """Runs the commands of console blocks in the working directory, with the variables that they export.

    `storeroom` runs in this process, `python` in one of its own. `instead` are texts of the page, and what stands for
    them here. `…` in what is shown stands for anything, also several lines.
    """

    def __init__(self, cli: Cli, monkeypatch: pytest.MonkeyPatch, instead: Mapping[str, str]) -> None:
        self._cli, self._monkeypatch, self._instead = cli, monkeypatch, instead

    def run(self, block: str) -> None:
        """Run a block's commands and compare what they print with what it shows."""
        for each in block.removeprefix("$ ").split("\n$ "):
            line, *shown = each.rstrip().splitlines()
            command = line.partition("  # ")[0]
            for text, other in self._instead.items():
                command = command.replace(text, other)
            printed = self._execute(*shlex.split(command))
            pattern = ".*?".join(map(re.escape, "\n".join(shown).split("…")))
            assert re.search(pattern, printed, re.DOTALL), f"{command} printed {printed!r}, not {pattern!r}"

    def _execute(self, program: str, *words: str) -> str:
        if program == "export":
            name, _, value = words[0].partition("=")
            self._monkeypatch.setenv(name, value)
            return ""
        if program == "storeroom":
            outcome = self._cli(*words)
            code, printed = outcome.code, outcome.out + outcome.err
        else:
            assert program == "python"
            done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=60)
            code, printed = done.returncode, done.stdout + done.stderr
        assert code == 0, f"{program} {words}: {printed}"
        return printed
