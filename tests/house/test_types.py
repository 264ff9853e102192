"""Type checkers know what a unit of work gives out, from the class that it was asked for."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.sources import ROOT

CODE = """
from storeroom import Storeroom
from storeroom_notes import NoteRepository

with Storeroom.open("sqlite://", require=[NoteRepository, "notes"]) as room:
    with room.write() as uow:
        reveal_type(uow[NoteRepository])
        reveal_type(uow[NoteRepository].write("x"))
        reveal_type(uow[NoteRepository].list())
        reveal_type(uow["notes"])
    reveal_type(room.run(lambda uow: uow[NoteRepository].get(1)))
"""
EXPECTED = ["NoteRepository", "NoteRecord", "Sequence[NoteRecord]", "BaseRepository", "NoteRecord"]


def run(*command: str, cwd: Path) -> str:
    return subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=True).stdout


def mypy(file: Path) -> list[str]:
    # In the project's folder: its settings, and its cache.
    revealed = re.findall(r'Revealed type is "(.*)"', run("mypy", "--no-error-summary", str(file), cwd=ROOT))
    return [re.sub(r"\b(\w+\.)+", "", each) for each in revealed]


def pyright(file: Path) -> list[str]:
    output = run("pyright", "--outputjson", "--pythonpath", sys.executable, str(file), cwd=file.parent)
    return [re.sub(r'.* is "(.*)"', r"\1", each["message"]) for each in json.loads(output)["generalDiagnostics"]]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_infers_repositories_and_records(
    checker: Callable[[Path], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1")  # it looks for newer versions
    file = tmp_path / "program.py"
    file.write_text(CODE, encoding="utf-8")
    assert checker(file) == EXPECTED
