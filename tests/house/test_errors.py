"""The tree of errors: drawn as it is; every error documented, picklable, made with the facts that it declares."""

import ast
import inspect
import pickle
import re
from collections.abc import Iterator, Mapping

import pytest

from storeroom import errors
from storeroom.errors import StoreroomError
from tests.house.sources import CORE, modules, parsed

CLASSES: Mapping[str, type[StoreroomError]] = {
    name: each for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, StoreroomError)
}
LINE = re.compile(r"^((?:[│ ]   )*)[├└]── (\w+)(?: +(\S.*))?$", re.MULTILINE)


def drawn() -> Iterator[tuple[str, str, str | None]]:
    """Each error of the drawing with the one that it hangs on, and its description."""
    path = [StoreroomError.__name__]
    for indent, name, description in LINE.findall(errors.__doc__ or ""):
        del path[len(indent) // 4 + 1 :]
        yield name, path[-1], description
        path.append(name)


def facts(error: type[StoreroomError]) -> dict[str, bool]:
    """The facts that a class of errors declares, and whether each must be given."""
    declared = {name for each in error.__mro__ for name in inspect.get_annotations(each)}
    return {name: not hasattr(error, name) for name in declared}


def constructions() -> Iterator[tuple[str, ast.Call]]:
    """Every place in core that makes an error by the name of its class."""
    for module, file in modules(CORE).items():
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES:
                yield module, node


def test_the_tree_is_drawn_as_it_is() -> None:
    tree = {name: each.__bases__[0].__name__ for name, each in CLASSES.items() if each is not StoreroomError}
    assert {name: parent for name, parent, _ in drawn()} == tree


def test_every_error_in_the_drawing_says_when_it_is_raised() -> None:
    assert [name for name, _, description in drawn() if not description] == []


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_has_a_docstring_of_its_own(name: str) -> None:
    assert CLASSES[name].__dict__.get("__doc__")


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_survives_pickling_with_its_facts(name: str) -> None:
    given = {fact: (fact, 1) for fact in facts(CLASSES[name])}
    back = pickle.loads(pickle.dumps(CLASSES[name]("something; do this", **given)))
    assert type(back) is CLASSES[name]
    assert str(back) == "something; do this"
    assert vars(back) == given


def test_an_error_is_made_with_just_the_facts_that_it_declares() -> None:
    wrong = []
    for module, call in constructions():
        declared = facts(CLASSES[ast.unparse(call.func)])
        given = {keyword.arg for keyword in call.keywords}
        needed = {name for name, must in declared.items() if must}
        if None not in given and not needed <= given <= set(declared):
            wrong.append(f"{module}:{call.lineno} {ast.unparse(call.func)} gives {given}, declares {declared}")
    assert wrong == []


def test_every_error_is_raised_somewhere() -> None:
    used = {
        node.id
        for module, file in modules(CORE).items()
        if not module.startswith(errors.__name__)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Name)
    }
    bases = {base.__name__ for each in CLASSES.values() for base in each.__bases__}
    assert sorted(set(CLASSES) - used - bases) == []
