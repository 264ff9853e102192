"""What is deprecated works on, and warns where it is used: with the version in which it goes, and what to use."""

import inspect
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from storeroom.deprecation import (
    Renamed,
    StoreroomDeprecationWarning,
    deprecated,
    renamed_names,
    renamed_parameter,
)

SINCE = "storeroom-shelf 1.3"


class Shelf:
    """Throw-away code with a past."""

    @deprecated(
        "Shelf.put is deprecated since storeroom-shelf 1.3 and goes in 2.0; use Shelf.add",
        category=StoreroomDeprecationWarning,
    )
    def put(self, thing: str) -> str:
        return self.add(thing)

    @renamed_parameter("colour", "color", since=SINCE, removed_in="2.0")
    def add(self, thing: str, *, color: str = "red") -> str:
        """Add a thing."""
        return f"{color} {thing}"

    @classmethod
    @renamed_parameter("width", "size", since=SINCE, removed_in="2.0")
    def of(cls, size: int) -> int:
        return size


def warned(work: Callable[[], Any]) -> tuple[Any, str, str]:
    """What a call returns, its only warning, and the line of source that the warning points to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = work()
    (warning,) = caught
    assert warning.category is StoreroomDeprecationWarning
    line = Path(warning.filename).read_text(encoding="utf-8").splitlines()[warning.lineno - 1]
    return result, str(warning.message), line.strip()


def test_a_deprecated_method_works_and_warns_its_caller() -> None:
    def work() -> Any:
        return Shelf().put("book")  # type: ignore[deprecated]  # that is the point

    assert warned(work) == (
        "red book",
        "Shelf.put is deprecated since storeroom-shelf 1.3 and goes in 2.0; use Shelf.add",
        'return Shelf().put("book")  # type: ignore[deprecated]  # that is the point',
    )


def test_a_renamed_parameter_works_under_its_old_name_and_warns_the_caller() -> None:
    def work() -> Any:
        return Shelf().add("book", colour="blue")  # type: ignore[call-arg]  # the old name

    result, text, line = warned(work)
    assert result == "blue book"
    assert text == "'colour' of Shelf.add is deprecated since storeroom-shelf 1.3 and goes in 2.0; use 'color'"
    assert line.startswith('return Shelf().add("book", colour="blue")')


def test_a_renamed_parameter_of_a_class_method() -> None:
    result, text, _ = warned(lambda: Shelf.of(width=3))  # type: ignore[call-arg]  # the old name
    assert (result, text) == (
        3,
        "'width' of Shelf.of is deprecated since storeroom-shelf 1.3 and goes in 2.0; use 'size'",
    )


def test_the_new_name_warns_nobody_and_is_all_that_the_signature_has() -> None:
    assert (Shelf().add("book", color="blue"), Shelf.of(3), Shelf.of(size=3)) == ("blue book", 3, 3)
    assert list(inspect.signature(Shelf.add).parameters) == ["self", "thing", "color"]
    assert Shelf.add.__doc__ == "Add a thing."


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(TypeError, match=r"Shelf\.add\(\) was given 'color' and its old name 'colour'; give 'color'"):
        Shelf().add("book", color="red", colour="blue")  # type: ignore[call-arg]  # that is the point


@pytest.mark.parametrize(("old", "new"), [("size", "witdh"), ("size", "width"), ("height", "depth")])
def test_a_parameter_that_is_not_there_can_not_be_the_new_one(old: str, new: str) -> None:
    def function(size: int, width: int) -> None: ...

    with pytest.raises(TypeError, match=r"can't rename .*; its parameters are size, width"):
        renamed_parameter(old, new, since=SINCE, removed_in="2.0")(function)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module in which one name was changed, and from which another moved away."""
    made = ModuleType("shelf")
    names = {
        "Box": Renamed("Shelf", since=SINCE, removed_in="2.0"),
        "read": Renamed("json:loads", since=SINCE, removed_in="2.0"),
    }
    vars(made).update(Shelf=Shelf, __getattr__=renamed_names("shelf", names))
    monkeypatch.setitem(sys.modules, "shelf", made)
    return made


def test_a_renamed_name_of_a_module_is_found_and_warns_whoever_looks_it_up(module: ModuleType) -> None:
    def imports() -> Any:
        from shelf import Box  # type: ignore[import-not-found]  # written by the test

        return Box

    says = "shelf.Box is deprecated since storeroom-shelf 1.3 and goes in 2.0; use shelf.Shelf"
    found, text, line = warned(imports)
    assert (found, text) == (Shelf, says)
    assert line.startswith("from shelf import Box")
    assert warned(lambda: module.Box)[:2] == (Shelf, says)
    assert warned(lambda: module.read("[1]"))[:2] == (
        [1],
        "shelf.read is deprecated since storeroom-shelf 1.3 and goes in 2.0; use json.loads",
    )


def test_a_name_that_the_module_never_had(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match="module 'shelf' has no attribute 'Bxo'"):
        module.Bxo  # noqa: B018  # that is the point
    assert renamed_names("shelf", {}, otherwise=str.upper)("box") == "BOX"
