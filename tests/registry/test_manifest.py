"""A manifest of the wrong kind can't be made."""

from dataclasses import FrozenInstanceError
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import DeclarativeBase

from storeroom import BaseRepository, Manifest, plugin_registry


class Base(DeclarativeBase):
    registry = plugin_registry("shelf")


class Shelf(BaseRepository):
    name = "shelf"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("models", Base(), "a declarative base with registry = plugin_registry(…)"),
        ("models", BaseRepository, "a declarative base"),
        ("models", "Base", "a declarative base"),
        ("migrations", "", "the name of a package"),
        ("migrations", ModuleType("migrations"), "the name of a package"),
        ("repositories", None, "a list of subclasses of BaseRepository"),
        ("repositories", Shelf, "a list of subclasses of BaseRepository"),
        ("repositories", [Base], "a list of subclasses of BaseRepository"),
        ("repositories", (each for each in [Shelf]), "a list of subclasses of BaseRepository"),
        ("requires", None, "a list of plugin names"),
        ("requires", "notes", "a list of plugin names"),
        ("requires", [Shelf], "a list of plugin names"),
        ("core", None, "a version specifier, such as '>=0.1,<1'"),
        ("core", 1, "a version specifier"),
        ("hookspecs", "shelf.hookspecs", "a module or a class with specifications"),
    ],
)
def test_a_field_of_another_kind_is_refused(field: str, value: Any, expected: str) -> None:
    with pytest.raises(TypeError) as caught:
        Manifest(**{field: value})
    assert f"{field}={value!r} in a manifest can't be used; give {expected}" in str(caught.value)


def test_a_manifest_cant_change_with_the_lists_it_was_made_of() -> None:
    repositories, requires = [Shelf], ["notes"]
    made = Manifest(models=Base, migrations="shelf.migrations", repositories=repositories, requires=requires)
    repositories.clear()
    requires.clear()
    assert (made.repositories, made.requires) == ((Shelf,), ("notes",))
    with pytest.raises(FrozenInstanceError):
        made.core = ">=9"  # type: ignore[misc]  # that is the point


def test_a_manifest_may_say_nothing() -> None:
    made = Manifest()
    assert (made.models, made.migrations, made.repositories, made.requires, made.core) == (None, None, (), (), "")
