"""A plugin in ten minutes: the commands and changes of the page, one after the other, and its tests at the end."""

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from storeroom.testing import Databases
from tests.cli.conftest import Cli, cli
from tests.docs.snippets import ROOT, blocks
from tests.new.running import BIN, installed, run_tests, succeeds
from tests.support.distributions import install

__all__ = ["cli"]

PAGE = "docs/plugins.md"
PACKAGE = "src/storeroom_shelf"


def edited(file: Path, *changes: tuple[str, str], end: str = "") -> None:
    """Replace in a file what occurs in it once, and add to its end."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (file.name, old)
        text = text.replace(old, new)
    file.write_text(text + end, encoding="utf-8")


def edit(folder: Path) -> None:
    """Do what the page says between its commands."""
    column, statement, verb, races = blocks(PAGE, "python")[:4]
    package = folder / PACKAGE
    edited(package / "models.py", end=column)
    edited(package / "records.py", ("    version: int\n", "    lent: int\n    version: int\n"))
    edited(
        package / "repository.py",
        ("import ClassVar\n\n", "import ClassVar, cast\n\nfrom sqlalchemy import Table, bindparam, update\n"),
        ("ModelRepository, Upserted", "ModelRepository, Statement, Upserted"),
        ("\n\nclass Book", f"\n{statement}\n\nclass Book"),
        end=f"\n{verb}",
    )
    edited(
        folder / "tests" / "test_conformance.py",
        ("import Conformance\n", "import Conformance, Race\n"),
        ("    def sample(", f"{races}\n    def sample("),
    )


@pytest.mark.dear  # for the suite, with a race of four processes
def test_the_ten_minutes_go_as_written(cli: Cli, site: Path, tmp_path: Path, lane: str, databases: Databases) -> None:
    first, second = [block.removeprefix("$ ").split("\n$ ") for block in blocks(PAGE, "console")[:2]]
    new, *rest = (shlex.split(line) for line in first)
    assert [words[0] for words in rest] == ["cd", "pip", "pytest"]
    assert cli(*new[1:], f"--into={tmp_path}").code == 0
    folder = tmp_path / "storeroom-shelf"
    edit(folder)
    install(site, "shelf", {}, module="storeroom_shelf.plugin")
    path = os.pathsep.join([str(folder / "src"), os.environ["PYTHONPATH"]])
    revision, layout = (shlex.split(line) for line in second)
    succeeds(sys.executable, "-m", "storeroom.cli", *revision[1:], cwd=folder, PYTHONPATH=path)
    succeeds(BIN / layout[0], *layout[1:], "--no-cache", cwd=folder)
    assert (folder / PACKAGE / "migrations" / "HEAD").read_text() == "shelf_0002_count_loans\n"
    succeeds(BIN / "ruff", "check", "--no-cache", cwd=folder)
    installed(folder, tmp_path / "installed")
    done = run_tests(folder, tmp_path / "installed", lane, databases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in ", done.stdout, re.MULTILINE), "the race is run as well"


def test_the_types_of_the_page_are_those_that_there_are() -> None:
    from storeroom.cli.new.fields import KINDS

    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)`(?: \(or `float`\))? \| `", text, re.MULTILINE) == list(KINDS)
