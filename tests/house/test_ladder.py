"""Imports inside core form a ladder: a floor imports only lower ones, openly, and nobody imports in a circle."""

import ast
import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import storeroom
from storeroom import adoption, alembic, checks, deprecation, errors, revising, sql
from storeroom.discovery import discover
from storeroom.registry import build_registry
from tests.house.sources import CORE, ROOT, distributions, imported_modules, imports, modules, parsed, written

# From the bottom up; what stands together doesn't import one another.
FLOORS = [
    {"canonical", "deprecation", "errors", "inlining", "names", "ordering"},
    {"decoding", "encoding"},
    {"checks", "drift", "results", "types"},
    {"discovery", "orm", "retry", "revising", "settings"},
    {"sql"},
    {"repository"},
    {"adoption", "contributions", "manifest"},
    {"hookspecs"},
    {"registry"},
    {"engine"},
    {"backups"},
    {"unitofwork"},
    {"schema"},
    {"migrations"},
    {"alembic", "installation"},
    {"lifecycle", "operations", "reference"},
    {"room"},
    {"cli", "testing"},
]

# What plugins and programs may import beside the package itself.
FACES = (adoption, alembic, checks, deprecation, errors, revising, sql)

MODULES = modules(CORE)
INSIDE = {name: file for name, file in MODULES.items() if name != "storeroom"}


def top(module: str) -> str:
    return module.split(".")[1]


def test_every_module_of_core_stands_on_one_floor() -> None:
    stands = [name for floor in FLOORS for name in floor]
    assert sorted(stands) == sorted({top(name) for name in INSIDE})


def test_a_floor_imports_only_lower_ones() -> None:
    level = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    wrong = [
        f"{module} imports {other}"
        for module, file in INSIDE.items()
        for other in imported_modules(file, MODULES)
        if other == "storeroom" or (top(other) != top(module) and level[top(other)] >= level[top(module)])
    ]
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    try:
        TopologicalSorter({name: imported_modules(file, MODULES) for name, file in MODULES.items()}).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


def test_no_import_is_hidden_from_the_running_program() -> None:
    hidden = [
        file.name
        for file in written()
        for node in ast.walk(parsed(file))
        if (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING")
        or (isinstance(node, ast.Attribute) and node.attr == "TYPE_CHECKING")
    ]
    assert hidden == []


def test_core_imports_no_plugin() -> None:
    wrong = [
        f"{name} imports {each.module}"
        for name, file in MODULES.items()
        for each in imports(file)
        if each.module.startswith("storeroom_")
    ]
    assert wrong == []


def public(each: str, names: tuple[str, ...]) -> bool:
    """Whether an import from core's distribution is of its public face."""
    faces = {"storeroom": storeroom.__all__} | {face.__name__: face.__all__ for face in FACES}
    return each in faces and names != () and set(names) <= set(faces[each])


def outside_core() -> list[Path]:
    folders = [ROOT / "examples", ROOT / "plugins"]
    return [file for folder in folders for file in folder.rglob("*.py") if ".venv" not in file.parts]


def test_whoever_builds_on_core_imports_its_public_face() -> None:
    wrong = [
        f"{file.name} imports {', '.join(each.names)} from {each.module}"
        for file in outside_core()
        for each in imports(file)
        if each.module.split(".")[0] == "storeroom" and not public(each.module, each.names)
    ]
    assert len(outside_core()) > 10
    assert wrong == []


@pytest.mark.parametrize("package", distributions())
def test_a_plugin_imports_only_plugins_that_it_requires(package: str) -> None:
    plugin = package.removeprefix("storeroom_")
    registry = build_registry(discover(allow=[name.removeprefix("storeroom_") for name in distributions()]))
    required = {f"storeroom_{name}" for name in registry.plugins[plugin].manifest.requires}
    imported = {
        each.module.split(".")[0] for file in modules(distributions()[package]).values() for each in imports(file)
    }
    assert {name for name in imported if name.startswith("storeroom_")} - {package} <= required
    assert {name.replace("_", "-") for name in required} <= dependencies(distributions()[package])


def dependencies(package: Path) -> set[str]:
    project = tomllib.loads((package.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w-]", each)[0] for each in project["dependencies"]}
