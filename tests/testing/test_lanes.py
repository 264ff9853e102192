"""Which databases a test runs on: those at hand or named, of them those that have what it requires."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import ConfigurationError
from storeroom.testing import find_binaries, requires

NEWEST = f"postgresql-{find_binaries()[-1].major}"
CONFTEST = 'pytest_plugins = ("storeroom.testing",)\n'
TESTS = """
import pytest
from storeroom.testing import requires

def test_any(lane):
    pass

@requires.row_locks
def test_locks(url):
    pass

@requires.database_file
class TestFile:
    def test_file(self, url):
        assert url.startswith("sqlite")

def test_server(server):
    assert server.major

@requires.row_locks
@requires.database_file
def test_both(lane):
    raise AssertionError

@pytest.mark.dear
def test_dear(lane):
    pass
"""


def run(folder: Path, *words: str, **environ: str) -> list[str]:
    """Run the tests of a project of its own, and return what is said of each, and of the whole."""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "conftest.py").write_text(CONFTEST)
    (folder / "tests" / "test_lanes.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rs",
        "-v",
        "--strict-markers",
        "tests",
        *words,
    ]
    done = subprocess.run(command, cwd=folder, env=os.environ | environ, capture_output=True, text=True, check=False)
    return [line.partition(" (")[0] for line in (done.stdout + done.stderr).splitlines()]


def outcomes(lines: list[str]) -> dict[str, str]:
    found = [line.rpartition("::")[2].split() for line in lines if line.startswith("tests/") and "[" in line]
    return {words[0]: words[1] for words in found}


def test_a_test_runs_where_what_it_requires_is(tmp_path: Path) -> None:
    lines = run(tmp_path, "--lane", "sqlite", "--lane", NEWEST)
    assert outcomes(lines) == {
        "test_any[sqlite]": "PASSED",
        f"test_any[{NEWEST}]": "PASSED",
        f"test_locks[{NEWEST}]": "PASSED",
        "test_file[sqlite]": "PASSED",
        f"test_server[{NEWEST}]": "PASSED",
        "test_both[none]": "SKIPPED",
        "test_dear[sqlite]": "PASSED",
        f"test_dear[{NEWEST}]": "PASSED",
    }
    assert any("row_locks: Transactions lock rows" in line and "database_file: " in line for line in lines)


def test_without_a_server_what_needs_one_is_skipped_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    lines = run(tmp_path, TEST_PG_BINDIR=str(tmp_path / "empty"), TEST_PG_URL="")
    found = outcomes(lines)
    assert [name for name, outcome in found.items() if outcome != "SKIPPED"] == [
        "test_any[sqlite]",
        "test_file[sqlite]",
        "test_dear[sqlite]",
    ]
    assert found["test_any[postgresql]"] == "SKIPPED"
    assert any("no PostgreSQL is at hand; set TEST_PG_URL" in line for line in lines)


def test_a_lane_that_is_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    lines = run(tmp_path, "--lane", "postgresql", TEST_PG_BINDIR=str(tmp_path / "empty"), TEST_PG_URL="")
    assert any(line.startswith("ERROR: --lane postgresql: there is sqlite here; set TEST_PG_URL") for line in lines)
    named = outcomes(run(tmp_path, "--lane", "postgresql", "-k", "test_any"))
    assert named
    assert not any("sqlite" in name for name in named)


def test_a_dear_test_takes_turns_unless_all_is_asked_for(tmp_path: Path) -> None:
    if len(find_binaries()) < 2:
        pytest.skip("it takes two versions of PostgreSQL")
    assert len(outcomes(run(tmp_path, "-k", "dear"))) == 2
    assert len(outcomes(run(tmp_path, "-k", "dear", "--full"))) == 3


def test_a_capability_is_asked_of_whatever_names_a_database(notes_room: Storeroom, url: str, lane: str) -> None:
    with notes_room.read() as uow:
        answers = {requires.server.met_by(each) for each in (uow, uow.connection, url, lane)}
    assert len(answers) == 1
    assert answers != {requires.database_file.met_by(url)}
    assert repr(requires.server) == "requires.server"
    with pytest.raises(ConfigurationError, match=r"'mysql://x' isn't a database; give its URL"):
        requires.server.met_by("mysql://x")
