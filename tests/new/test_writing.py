"""A folder is written whole or not at all, and never over another."""

import subprocess
import sys
from pathlib import Path

import pytest

from storeroom.cli.new.writing import write
from storeroom.errors import ConfigurationError
from tests.cli.conftest import Cli

KILLED = """
import os, signal, sys
from pathlib import Path
from storeroom.cli.new.writing import write

class Files(dict):
    def items(self):
        yield "first", "written"
        os.kill(os.getpid(), signal.SIGKILL)

write(Files(), Path(sys.argv[1]))
"""


def test_a_folder_that_holds_something_is_left_as_it_is(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "storeroom-shelf").mkdir()
    (tmp_path / "storeroom-shelf" / "mine").write_text("mine")
    outcome = cli("new", "shelf", "--defaults", f"--into={tmp_path}")
    assert outcome.code == 2
    assert "storeroom-shelf' is there already, and is left as it is; choose another name" in outcome.err
    assert [file.name for file in tmp_path.rglob("*")] == ["storeroom-shelf", "mine"]


def test_a_file_or_a_link_of_that_name_is_left_as_it_is(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "storeroom-shelf").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "storeroom-books").symlink_to(tmp_path / "elsewhere")
    for name in ("shelf", "books"):
        assert "is there already" in cli("new", name, "--defaults", f"--into={tmp_path}").err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_empty_folder_is_filled(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "storeroom-shelf").mkdir()
    assert cli("new", "shelf", "--defaults", f"--into={tmp_path}").code == 0
    assert (tmp_path / "storeroom-shelf" / "pyproject.toml").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["storeroom-shelf"]


def test_a_folder_to_make_it_in_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    outcome = cli("new", "shelf", "--defaults", f"--into={tmp_path / 'nowhere'}")
    assert outcome.code == 2
    assert "nowhere'; make it, or name another with --into" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_what_comes_to_stand_there_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    """As when two do it at once: it was free when it was looked at."""
    target = tmp_path / "storeroom-shelf"
    target.mkdir()
    (target / "theirs").write_text("theirs")
    with pytest.raises(ConfigurationError, match="is there already"):
        write({"mine": "mine"}, target)
    assert [file.name for file in tmp_path.rglob("*")] == ["storeroom-shelf", "theirs"]


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"storeroom-shelf' can't be written: .*; name another folder"):
        write({"a": "a file", "a/b": "as if it were a folder"}, tmp_path / "storeroom-shelf")
    assert list(tmp_path.iterdir()) == []


def test_who_is_killed_half_way_leaves_no_half_under_its_name(tmp_path: Path) -> None:
    target = tmp_path / "storeroom-shelf"
    done = subprocess.run([sys.executable, "-c", KILLED, target], check=False, timeout=60)
    assert done.returncode == -9
    assert not target.exists()
    assert [file.name for file in tmp_path.rglob("first")] == ["first"], "it was beside, under a hidden name"
    write({"first": "again"}, target)
    assert (target / "first").read_text() == "again"
