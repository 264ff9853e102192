"""What a new user sees: the command as a process of its own, and its answer of one line."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

OK, ATTENTION, WRONG_USAGE = 0, 1, 2


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What it says on standard error, which is one line under the program's name."""
        first, *more = self.err.splitlines()
        assert more == []
        name, _, text = first.partition(": ")
        assert name == "storeroom"
        return text


Command = Callable[..., Answer]


def ask(*words: str | Path, cwd: Path, environ: dict[str, str] | None = None, **options: Any) -> Answer:
    """Run `storeroom` with these words, in a folder, with these variables beside the usual ones."""
    done = subprocess.run(
        [sys.executable, "-m", "storeroom.cli", *words],
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert "Traceback" not in done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def storeroom(tmp_path: Path) -> Command:
    """The command, in an empty folder."""

    def run(*words: str | Path, **environ: str) -> Answer:
        return ask(*words, cwd=tmp_path, environ=environ)

    return run
