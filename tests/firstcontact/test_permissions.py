"""Files and folders that this user may not use: which one, and which right, is said.

Root may do everything, so that where the tests run as root the command runs without the capabilities that let it.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storeroom import Storeroom
from tests.firstcontact.conftest import ATTENTION, OK, Answer, ask
from tests.house.sources import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="drops the capabilities that Linux gives to root")

_PR_CAPBSET_DROP = 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2

LEGACY = str(ROOT / "examples" / "sublarr-legacy.db")
OTHERS = ["hooks", "jobs", "profiles", "providers", "standalone", "tags", "wanted"]


def _bound_by_modes() -> None:
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        if ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            os._exit(99)


def run(*words: str | Path, cwd: Path) -> Answer:
    """Run the command as a user whom the modes of files bind."""
    return ask(*words, cwd=cwd, preexec_fn=_bound_by_modes if os.geteuid() == 0 else None)


@contextmanager
def mode(path: Path, number: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(number)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database at head, and one where most plugins are pending."""
    folder = tmp_path / "data"
    folder.mkdir()
    Storeroom.open(f"sqlite:///{folder}/app.db", upgrade=True).close()
    Storeroom.open(f"sqlite:///{folder}/behind.db", upgrade=True, deny=OTHERS).close()
    return folder


@pytest.mark.parametrize("command", ["status", "upgrade", "prune", "doctor"])
def test_a_folder_that_can_not_be_written_to(folder: Path, command: str) -> None:
    with mode(folder, 0o555):
        answer = run(command, "--url", f"sqlite:///{folder}/app.db", cwd=folder)
    assert answer.code == ATTENTION
    assert f"may not write to the folder {str(folder)!r}, where SQLite keeps its log, also to read; give" in answer.line


def test_a_new_file_in_a_folder_that_can_not_be_written_to(folder: Path) -> None:
    with mode(folder, 0o555):
        answer = run("upgrade", "--url", f"sqlite:///{folder}/new.db", cwd=folder)
    assert answer.code == ATTENTION
    assert f"may not write to the folder {str(folder)!r}" in answer.line


def test_a_folder_that_can_not_be_entered(folder: Path) -> None:
    with mode(folder, 0o000):
        answer = run("status", "--url", f"sqlite:///{folder}/app.db", cwd=Path("/"))
    assert answer.code == ATTENTION
    assert f"may not enter the folder {str(folder)!r}; give it that right, or run as another" in answer.line


def test_a_file_that_can_not_be_read(folder: Path) -> None:
    with mode(folder / "app.db", 0o200):
        answer = run("status", "--url", f"sqlite:///{folder}/app.db", cwd=folder)
    assert answer.code == ATTENTION
    assert f"may not read {str(folder / 'app.db')!r}; give it that right, or run as another" in answer.line


@pytest.mark.parametrize(
    "words", [["prune"], ["adopt", "sublarr", LEGACY], ["forget", "jobs"]], ids=lambda words: words[0]
)
def test_a_file_that_can_only_be_read_is_not_written_to(folder: Path, words: list[str]) -> None:
    with mode(folder / "app.db", 0o444):
        answer = run(*words, "--url", f"sqlite:///{folder}/app.db", cwd=folder)
    assert answer.code == ATTENTION
    assert answer.line.startswith("a write was refused: attempt to write a readonly database; ")
    assert "let this user write to the database: on SQLite to its file and its folder" in answer.line


def test_a_program_that_may_only_read_the_file_is_told_when_it_writes(folder: Path) -> None:
    program = (
        "from storeroom import Storeroom\n"
        f"with Storeroom.open('sqlite:///{folder}/app.db') as room, room.read() as uow:\n"
        "    print(uow['notes'].count(), flush=True)\n"
        "with room.write() as uow:\n"
        "    uow['notes'].write('never')\n"
    ).replace("with room.write", f"with Storeroom.open('sqlite:///{folder}/app.db') as room, room.write")
    with mode(folder / "app.db", 0o444):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_bound_by_modes if os.geteuid() == 0 else None,
        )
    assert (done.returncode, done.stdout) == (1, "0\n")
    kind, _, says = done.stderr.splitlines()[-1].partition(": ")
    assert kind == "storeroom.errors.database.ReadOnly"
    assert says.startswith("a write was refused: attempt to write a readonly database; ")
    assert says.endswith("on SQLite to its file and its folder, on PostgreSQL at the primary server")


def test_a_file_that_can_only_be_read_is_read_and_not_upgraded(folder: Path) -> None:
    with mode(folder / "behind.db", 0o444):
        assert run("plugins", cwd=folder).code == OK
        assert "pending" in run("status", "--url", f"sqlite:///{folder}/behind.db", cwd=folder).out
        answer = run("upgrade", "--no-backup", "--url", f"sqlite:///{folder}/behind.db", cwd=folder)
    assert answer.code == ATTENTION
    assert answer.line.startswith(
        "revision 'hooks_0001_create_hooks' of plugin 'hooks' failed: attempt to write a readonly"
    )
    assert answer.line.endswith(
        "everything was rolled back; let this user write to the database, its file and its folder"
    )
