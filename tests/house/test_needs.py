"""Tests ask for what they need of a database, and never for one by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from storeroom.testing import requires
from storeroom.testing.capabilities import BACKENDS, Capability
from tests.house.sources import ROOT, written

# What is about the databases themselves: how a lane gets one, how each spells a text, and this list.
PLACES = {
    "core/src/storeroom/testing/databases.py",
    "core/src/storeroom/testing/lanes.py",
    "tests/support/dialects.py",
    "tests/testing/test_lanes.py",
}
CAPABILITIES = [each for each in vars(requires).values() if isinstance(each, Capability)]


def of_tests() -> list[Path]:
    """The files of tests, and of what tests are made with."""
    roots = (ROOT / "tests", ROOT / "core" / "src" / "storeroom" / "testing")
    return [file for file in written() if any(root in file.parents for root in roots)]


def names_a_database(node: ast.AST) -> bool:
    """Whether an expression asks what kind of database it has to do with."""
    if isinstance(node, ast.Compare):
        return any(says_which(each) for each in [node.left, *node.comparators]) and not is_about_text(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_prefix = node.func.attr == "startswith" and any(is_name(each) for each in node.args)
        return is_prefix or node.func.attr == "get_backend_name"
    return isinstance(node, ast.Subscript) and not is_name(node.slice) and says_which(node.slice)


def says_which(node: ast.AST) -> bool:
    """Whether this is a database's name: its dialect's, or a constant."""
    is_asked = isinstance(node, ast.Attribute) and ast.unparse(node).endswith("dialect.name")
    is_constant = isinstance(node, ast.Name) and node.id.lower() in BACKENDS
    return is_asked or is_constant or is_name(node)


def is_name(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return False
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.rstrip(":/") in BACKENDS


def is_about_text(node: ast.Compare) -> bool:
    """Whether it looks for the name in what was printed, as in `"sqlite" in outcome.err`."""
    (first, *_) = node.comparators
    is_printed = isinstance(first, ast.Attribute) and first.attr in ("out", "err", "stdout", "stderr", "text")
    return isinstance(node.ops[0], ast.In | ast.NotIn) and is_printed


def found(source: str) -> Iterator[int]:
    """The lines of a source on which a database is asked for by its name."""
    for node in ast.walk(ast.parse(source)):
        if names_a_database(node):
            yield node.lineno  # type: ignore[attr-defined]  # an expression has one


def test_no_test_asks_for_a_database_by_its_name() -> None:
    asking = [
        f"{name}:{line}"
        for file in of_tests()
        if (name := str(file.relative_to(ROOT))) not in PLACES
        for line in found(file.read_text(encoding="utf-8"))
    ]
    assert asking == [], "ask for what is needed: requires.row_locks.met_by(uow); see storeroom.testing.requires"


@pytest.mark.parametrize(
    "source",
    [
        'if uow.dialect.name == "postgresql": pass',
        'x = 1 if lane == "sqlite" else 2',
        'url.startswith("sqlite")',
        'pytest.mark.skipif("sqlite" in url, reason="")',
        "make_url(url).get_backend_name()",
        "TEXTS[connection.dialect.name]",
        "assert kind != SQLITE",
        'if engine.dialect.name in ("mysql", "oracle"): pass',
    ],
)
def test_it_sees_whoever_asks(source: str) -> None:
    assert list(found(source)) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "requires.server.met_by(url)",
        'spelled(uow, sqlite="a", postgresql="b")',
        'f"sqlite:///{file}"',
        'assert "sqlite" in outcome.err',
        'create_engine("sqlite://")',
        'DIALECTS["sqlite"]',
    ],
)
def test_it_lets_others_be(source: str) -> None:
    assert list(found(source)) == []


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda each: each.name)
def test_a_capability_says_what_it_is_and_is_asked_for(capability: Capability) -> None:
    assert capability.reason.endswith(".")
    assert set(capability.backends) < set(BACKENDS)
    asked = f"requires.{capability.name}"
    assert [file.name for file in of_tests() if asked in file.read_text(encoding="utf-8")] != []
