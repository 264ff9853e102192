"""The page on testing: its files are the tests of storeroom-notes, and pass; its lists are complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storeroom.testing import Conformance, Databases, faults, fixtures, requires
from storeroom.testing.capabilities import Capability
from tests.docs.snippets import ROOT, blocks

PAGE = "docs/testing.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[^|]+`) \| ", TEXT, re.MULTILINE)
LISTED = {name.partition("(")[0] for row in ROWS for name in re.findall(r"`([^`]+)`", row)}
# Which only the plugin itself asks for.
INNER = {"rooms"}


@pytest.mark.dear  # for the suite, with its race of four processes
def test_the_tests_of_the_page_pass(lane: str, databases: Databases, tmp_path: Path) -> None:
    for block in blocks(PAGE, "python"):
        name = block.partition("\n")[0].removeprefix("# ")
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(block, encoding="utf-8")
    words, environ = ["--lane", lane], {}
    if requires.server.met_by(lane):  # on the one that runs already
        words, environ = ["--lane", "postgresql"], {"TEST_PG_URL": databases.server(lane).url}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *words, "tests"],
        cwd=tmp_path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\n2\d passed", done.stdout), done.stdout


def test_every_check_is_on_the_page() -> None:
    checks = [name for name in dir(Conformance) if name.startswith("test_")]
    assert [name for name in checks if name not in LISTED] == []
    assert {name for name in LISTED if name.startswith("test_")} <= set(checks)


def test_every_capability_and_fault_is_on_the_page() -> None:
    capabilities = {f"requires.{name}" for name, each in vars(requires).items() if isinstance(each, Capability)}
    named = {f"faults.{name}" for name in faults.__all__ if name != "Here"}
    assert {name for name in LISTED if name.startswith(("requires.", "faults."))} == capabilities | named


def test_every_fixture_is_on_the_page() -> None:
    made = {name for name, each in vars(fixtures).items() if type(each).__name__ == "FixtureFunctionDefinition"}
    assert len(made) > 8
    assert made - INNER <= LISTED
