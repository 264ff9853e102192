"""The set-up: every distribution is installed, everything is pinned, and dev.py needs nothing but Python."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = sorted(
    file.parent for pattern in ("core", "plugins/*", "examples/*") for file in ROOT.glob(f"{pattern}/pyproject.toml")
)


def lines(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_every_distribution_is_installed_for_development(folder: Path) -> None:
    editable = [re.split(r"[\s\[]", line)[1] for line in lines("requirements.txt") if line.startswith("-e ")]
    assert f"./{folder.relative_to(ROOT)}" in editable


def test_every_requirement_is_pinned_by_version_only() -> None:
    pins = {}
    for line in lines("constraints.txt"):
        match = re.fullmatch(r"([a-z0-9.-]+)==([\w.]+)( ; [\w' =!<>.]+)?", line)
        assert match is not None, line
        pins[match[1]] = match[2]
    wanted = [re.split(r"[\[<]", line)[0] for line in lines("requirements.txt") if not line.startswith("-e ")]
    assert [name for name in wanted if name.lower() not in pins] == []


def test_dev_imports_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= set(sys.stdlib_module_names)


def test_ci_runs_lint_and_then_the_readmes_test_command() -> None:
    commands = [line for line in lines(".ci/run") if "dev.py" in line]
    assert commands == ["python3 dev.py lint", "python3 dev.py test"]
    assert "python3 dev.py test" in (ROOT / "README.md").read_text()
