"""What is written: clean for formatter, linter and type checkers, the same each time, and what was asked for."""

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.house.sources import ROOT
from tests.new.conftest import SETS
from tests.new.running import BIN, succeeds


def texts(folder: Path) -> Mapping[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_files_are_those_of_a_whole_distribution(written: Mapping[str, Path]) -> None:
    assert list(texts(written["shelf"])) == [
        ".gitignore",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "src/storeroom_shelf/__init__.py",
        "src/storeroom_shelf/migrations/HEAD",
        "src/storeroom_shelf/migrations/versions/shelf_0001_create_shelf.py",
        "src/storeroom_shelf/models.py",
        "src/storeroom_shelf/plugin.py",
        "src/storeroom_shelf/py.typed",
        "src/storeroom_shelf/records.py",
        "src/storeroom_shelf/repository.py",
        "tests/conftest.py",
        "tests/test_conformance.py",
        "tests/test_repository.py",
    ]


def test_linter_and_formatter_have_nothing_to_say(written: Mapping[str, Path]) -> None:
    for folder in written.values():
        succeeds(BIN / "ruff", "check", "--no-cache", ".", cwd=folder)
        succeeds(BIN / "ruff", "format", "--no-cache", "--check", "--diff", ".", cwd=folder)


def test_pyright_has_nothing_to_say(written: Mapping[str, Path], tmp_path: Path) -> None:
    """All sets in one run, each with its own package and no other's."""
    roots = [{"root": folder.name, "extraPaths": [f"{folder.name}/src"]} for folder in written.values()]
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"executionEnvironments": roots}))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    succeeds(*command, cwd=tmp_path, PYRIGHT_PYTHON_IGNORE_WARNINGS="1")  # it looks for newer versions


@pytest.mark.parametrize("name", SETS)
def test_mypy_has_nothing_to_say(written: Mapping[str, Path], name: str) -> None:
    """By this project's settings, which are stricter than strict, and in its cache."""
    folder = written[name]
    command: list[str | Path] = [sys.executable, "-m", "mypy", folder / "src" / f"storeroom_{name}", folder / "tests"]
    succeeds(*command, *(folder / "src").rglob("versions/*.py"), cwd=ROOT, MYPYPATH=str(folder / "src"))
    settings = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings == {"strict": True, "files": ["src", "tests"]}


@pytest.mark.parametrize("name", SETS)
def test_the_same_words_give_the_same_files(written: Mapping[str, Path], cli: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / "again").mkdir()
    cli("new", name, "--defaults", f"--into={tmp_path / 'again'}", *SETS[name])
    assert texts(tmp_path / "again" / f"storeroom-{name}") == texts(written[name])


def test_a_holder_with_quotes_is_kept(written: Mapping[str, Path]) -> None:
    holder = 'José "Pepe" Luna \\ Co'
    project = tomllib.loads((written["every"] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["authors"] == [{"name": holder}]
    assert re.search(rf"Copyright \d{{4}} {re.escape(holder)}$", texts(written["every"])["LICENSE"], re.MULTILINE)


@pytest.mark.parametrize(
    ("licence", "expression", "says"),
    [
        ("MIT", "MIT", "Permission is hereby granted, free of charge"),
        ("Apache-2.0", "Apache-2.0", "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"),
        ("BSD-3-Clause", "BSD-3-Clause", "3. Neither the name of the copyright holder"),
        ("proprietary", "LicenseRef-Proprietary", "All rights reserved"),
        ("none", "LicenseRef-Proprietary", "All rights reserved"),
    ],
)
def test_a_licence_has_its_text_with_year_and_holder(
    cli: Cli, tmp_path: Path, licence: str, expression: str, says: str
) -> None:
    cli("new", "shelf", "--defaults", f"--into={tmp_path}", f"--license={licence}", "--holder=Ada")
    files = texts(tmp_path / "storeroom-shelf")
    assert says in files["LICENSE"]
    assert re.search(r"Copyright (\(c\) )?20\d\d,? Ada", files["LICENSE"])
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["license"] == expression
    assert ("Private :: Do Not Upload" in project["classifiers"]) == ("Proprietary" in expression)
