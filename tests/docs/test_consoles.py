"""The commands of the first page and of the page for operators, each on a database that has something in it."""

import shlex
import shutil
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom_notes import NoteRepository
from tests.cli.conftest import Cli, cli
from tests.docs.snippets import ROOT, blocks

__all__ = ["cli"]

LEGACY = ROOT / "examples" / "sublarr-legacy.db"

# There is no terminal to be asked at.
ANSWERED = {
    "storeroom purge notes": "storeroom purge notes --yes",
    "storeroom new": "storeroom new shelf --defaults",
}
# What ends with 1, since there is nothing to do.
REFUSED = {'storeroom revision notes -m "Add a title"': "agree; change a model first"}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the commands need: databases at head, and one of another system."""
    monkeypatch.setenv("STOREROOM_DENY", "tags")  # which requires notes, and would stand against its purge
    folder = tmp_path / "made"
    folder.mkdir()
    with Storeroom.open(f"sqlite:///{folder}/notes.db", upgrade=True) as room, room.write() as uow:
        uow[NoteRepository].write("Buy tea")
    (folder / "notes.db").chmod(0o600)
    shutil.copy(LEGACY, folder / "sublarr.db")
    return folder


def run_each(page: str, cli: Cli, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run each command of the page's console blocks by itself, in a folder that no other has changed."""
    monkeypatch.setenv("STOREROOM_URL", "sqlite:///notes.db")
    lines = [line for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    for number, line in enumerate(lines):
        folder = shutil.copytree(made, tmp_path / str(number))
        monkeypatch.chdir(folder)
        command = line.removeprefix("$ ").partition(" #")[0].strip()
        given = ANSWERED.get(command, command).replace("/config/", "")
        outcome = cli(*shlex.split(given)[1:])
        if command in REFUSED:
            assert REFUSED[command] in outcome.err
        else:
            assert outcome.code == 0, (command, outcome)
    return len(lines)


def test_the_commands_of_the_first_page_work(
    cli: Cli, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_each("README.md", cli, made, tmp_path, monkeypatch) >= 10


def test_the_commands_of_the_operations_page_work(
    cli: Cli, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_each("docs/operations.md", cli, made, tmp_path, monkeypatch) >= 5
