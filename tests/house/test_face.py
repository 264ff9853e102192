"""Public faces: an `__init__.py` is imports and a sorted `__all__`; core's is resolved on first use."""

import ast
import importlib
import pickle
from importlib.metadata import version
from types import ModuleType

import pytest

import storeroom
from storeroom import testing
from tests.house.sources import CORE, Import, distributions, imports, modules, parsed

STUB = CORE / "storeroom" / "__init__.pyi"
PACKAGES = {
    name: file
    for folder in (CORE, *(folder.parent for folder in distributions().values()))
    for name, file in modules(folder, "__init__.py").items()
    if name not in ("storeroom", "storeroom.cli", "storeroom.testing")
}
TESTING_STUB = CORE / "storeroom" / "testing" / "__init__.pyi"


def test_the_stub_declares_what_the_module_resolves() -> None:
    assert {name for each in imports(STUB) for name in each.names} | {"__version__"} == set(storeroom.__all__)


@pytest.mark.parametrize("declared", list(imports(STUB)), ids=lambda each: ".".join([each.module, *each.names]))
def test_the_stub_declares_each_name_where_the_module_finds_it(declared: Import) -> None:
    (name,) = declared.names
    home = importlib.import_module(declared.module)
    expected = getattr(home, name) if hasattr(home, name) else importlib.import_module(f"{declared.module}.{name}")
    assert storeroom.__getattr__(name) is expected


def test_the_stub_of_testing_declares_what_is_found() -> None:
    declared = [(each.module, name) for each in imports(TESTING_STUB) for name in each.names]
    assert {name for _, name in declared} == set(testing.__all__)
    for module, name in declared:
        home = importlib.import_module(module)
        assert testing.__getattr__(name) is getattr(home, name)


@pytest.mark.parametrize("face", [storeroom, testing], ids=lambda face: face.__name__)
def test_all_is_sorted_and_complete(face: ModuleType) -> None:
    assert face.__all__ == sorted(face.__all__)
    assert dir(face) == face.__all__
    namespace: dict[str, object] = {}
    exec(f"from {face.__name__} import *", namespace)
    assert set(face.__all__) <= set(namespace)


def test_the_version_is_the_distributions() -> None:
    assert storeroom.__version__ == version("storeroom")


def test_a_name_that_isnt_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'storeroom' has no attribute 'Storerom'"):
        storeroom.Storerom  # type: ignore[attr-defined]  # noqa: B018  # that is the point


@pytest.mark.parametrize("package", PACKAGES)
def test_a_packages_face_is_imports_and_a_sorted_all(package: str) -> None:
    nodes = parsed(PACKAGES[package]).body
    kinds = [type(node) for node in nodes]
    assert kinds[0] is ast.Expr
    assert set(kinds[1:]) <= {ast.ImportFrom, ast.Assign}
    listed = [ast.literal_eval(node.value) for node in nodes if isinstance(node, ast.Assign)]
    imported = [name for each in imports(PACKAGES[package]) for name in each.names]
    assert listed == ([sorted(imported)] if imported else [])


def test_public_classes_can_be_pickled_by_reference() -> None:
    classes = [each for name in storeroom.__all__ if isinstance(each := getattr(storeroom, name), type)]
    assert [each for each in classes if pickle.loads(pickle.dumps(each)) is not each] == []
