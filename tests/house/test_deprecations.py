"""Deprecations say since when, until when and what to use instead; and what was to go by now is gone."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

from tests.house.sources import CORE, ROOT, distributions

SOURCES = [CORE, *(package.parent for package in distributions().values())]
FORM = re.compile(
    r"[\w.]+ is deprecated since (?P<distribution>[\w-]+) (?P<since>\S+) and goes in (?P<goes>\S+); use .+"
)
CATEGORY = "StoreroomDeprecationWarning"

# Throw-away code, which has one deprecation of each kind.
CODE = """
from storeroom.deprecation import Renamed, StoreroomDeprecationWarning, deprecated, renamed_names, renamed_parameter

@deprecated(
    "Shelf.put is deprecated since storeroom-shelf 1.3 and goes in 2.0; use Shelf.add",
    category=StoreroomDeprecationWarning,
)
def put() -> None: ...

@renamed_parameter("colour", "color", since="storeroom-shelf 1.3", removed_in="2.0")
def add(color: str) -> None: ...

__getattr__ = renamed_names(__name__, {"give": Renamed("add", since="storeroom-shelf 1.3", removed_in="2.0")})
"""
USE = """
from shelf import add, put

put()
add(colour="blue")
"""


def problems(source: Path) -> Iterator[str]:
    """What is wrong with the deprecations of one distribution, whose source folder this is."""
    project = tomllib.loads((source.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], Version(project["version"])
    for file in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (found := stated(node)) is not None:
                place = f"{file.relative_to(source)}:{node.lineno}"
                since, goes = found
                if since is None or goes is None:
                    yield f"{place} isn't of the form that storeroom.deprecation shows"
                elif since.split(" ")[0] != name or Version(since.split(" ")[1]) > version:
                    yield f"{place} is deprecated since {since}, but this is {name} {version}"
                elif Version(goes) != Version(str(Version(goes).major)):
                    yield f"{place} is to go in {goes}; what is public goes with a major version only"
                elif Version(goes) <= version:
                    yield f"{place} was to go in {goes}, and this is {name} {version}: remove it"


def stated(call: ast.Call) -> tuple[str | None, str | None] | None:
    """Since when and until when, if the call makes a deprecation; None for what isn't stated as it should be."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    name = ast.unparse(call.func).rpartition(".")[2]
    if name == "deprecated":
        says = FORM.fullmatch(literal(call.args[0] if call.args else None) or "")
        is_ours = ast.unparse(given["category"]).endswith(CATEGORY) if "category" in given else False
        return (f"{says['distribution']} {says['since']}", says["goes"]) if says and is_ours else (None, None)
    if name in ("renamed_parameter", "Renamed"):
        return literal(given.get("since")), literal(given.get("removed_in"))
    return None


def literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.parent.name)
def test_nothing_stays_beyond_its_time(source: Path) -> None:
    assert [each for each in problems(source) if not each.startswith("storeroom/deprecation.py")] == []


def shelf(folder: Path, version: str, code: str = CODE) -> Path:
    """The source folder of a throw-away distribution."""
    source = folder / "src"
    source.mkdir()
    (folder / "pyproject.toml").write_text(f'[project]\nname = "storeroom-shelf"\nversion = "{version}"\n')
    (source / "shelf.py").write_text(code)
    return source


@pytest.mark.parametrize("version", ["1.3", "1.9.9"])
def test_until_then_all_is_well(tmp_path: Path, version: str) -> None:
    assert list(problems(shelf(tmp_path, version))) == []


def test_what_was_to_go_is_told_with_its_place(tmp_path: Path) -> None:
    assert list(problems(shelf(tmp_path, "2.0"))) == [
        f"shelf.py:{line} was to go in 2.0, and this is storeroom-shelf 2.0: remove it" for line in (4, 10, 13)
    ]


def test_a_version_that_is_not_there_yet_deprecates_nothing(tmp_path: Path) -> None:
    assert [each.partition(" ")[2] for each in problems(shelf(tmp_path, "1.2"))] == [
        "is deprecated since storeroom-shelf 1.3, but this is storeroom-shelf 1.2"
    ] * 3


def test_what_is_public_goes_with_a_major_version(tmp_path: Path) -> None:
    found = list(problems(shelf(tmp_path, "1.3", CODE.replace("2.0", "1.5"))))
    assert [each.partition(" ")[2] for each in found] == [
        "is to go in 1.5; what is public goes with a major version only"
    ] * 3


@pytest.mark.parametrize(
    "call",
    [
        "deprecated('put is deprecated; use add', category=StoreroomDeprecationWarning)",
        "deprecated('put is deprecated since storeroom-shelf 1.3 and goes in 2.0; use add')",
        "renamed_parameter('colour', 'color', since='storeroom-shelf 1.3', removed_in=LATER)",
    ],
)
def test_one_of_another_form_is_told(tmp_path: Path, call: str) -> None:
    says = "shelf.py:1 isn't of the form that storeroom.deprecation shows"
    assert list(problems(shelf(tmp_path, "1.3", call))) == [says]


def test_a_checker_sees_it_before_it_runs(tmp_path: Path) -> None:
    shelf(tmp_path, "1.3")
    (tmp_path / "src" / "use.py").write_text(USE)
    # With the project's settings, and its cache.
    words = ["mypy", "--config-file", "pyproject.toml", "--no-error-summary", str(tmp_path / "src" / "use.py")]
    environ = {**os.environ, "MYPYPATH": str(tmp_path / "src")}
    run = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "use.py:2: error: function shelf.put is deprecated: Shelf.put is deprecated since" in run.stdout
    assert 'use.py:5: error: Unexpected keyword argument "colour" for "add"' in run.stdout
