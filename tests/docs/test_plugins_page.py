"""A plugin in ten minutes: the commands and changes of the page, one after the other, and its tests at the end."""

import importlib
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli
from tests.docs.snippets import ROOT, blocks
from tests.new.test_files import BIN, succeeds
from tests.new.test_suites import installed, run_tests
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
def test_the_ten_minutes_go_as_written(
    cli: Cli, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lane: str
) -> None:
    first, second = [block.removeprefix("$ ").split("\n$ ") for block in blocks(PAGE, "console")[:2]]
    new, *rest = (shlex.split(line) for line in first)
    assert [words[0] for words in rest] == ["cd", "pip", "pytest"]
    assert cli(*new[1:], f"--into={tmp_path}").code == 0
    folder = tmp_path / "storeroom-shelf"
    edit(folder)
    install(site, "shelf", {}, module="storeroom_shelf.plugin")
    monkeypatch.syspath_prepend(str(folder / "src"))
    importlib.invalidate_caches()
    assert cli(*shlex.split(second[0])[1:]).code == 0
    assert (folder / PACKAGE / "migrations" / "HEAD").read_text() == "shelf_0002_count_loans\n"
    succeeds(BIN / "ruff", "check", "--no-cache", "src/storeroom_shelf/repository.py", "tests", cwd=folder)
    installed(folder, tmp_path / "installed")
    done = run_tests(folder, tmp_path / "installed", "--lane", lane)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in ", done.stdout, re.MULTILINE), "the race is run as well"


def test_the_types_of_the_page_are_those_that_there_are() -> None:
    from storeroom.cli.new.fields import KINDS

    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)`(?: \(or `float`\))? \| `", text, re.MULTILINE) == list(KINDS)
