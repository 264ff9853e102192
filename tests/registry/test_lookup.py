"""Repositories are looked up by class and by name; one that isn't there says what to do."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from storeroom import BaseRepository, Registry, Storeroom
from storeroom.discovery import discover
from storeroom.errors import ConfigurationError, RepositoryMissing
from storeroom.registry import build_registry
from tests.registry.making import manifest, module


class Shelf(BaseRepository):
    name = "shelf"


class TopShelf(BaseRepository):
    name = "shelf.top"


class Unlisted(BaseRepository):
    name = "shelf.unlisted"


class Namesake(BaseRepository):
    name = "shelf"


class Elsewhere(BaseRepository):
    name = "elsewhere.part"


class Nameless(BaseRepository):
    pass


def shelf_plugin() -> ModuleType:
    brought = module(manifest("repositories=[Shelf, TopShelf]"))
    vars(brought).update(Shelf=Shelf, TopShelf=TopShelf)
    return brought


@pytest.fixture
def registry() -> Registry:
    plugins = {"shelf": shelf_plugin(), "broken": module("1"), "barred": module(manifest())}
    return build_registry(discover(plugins=plugins, installed=False, deny=["barred"]))


def advice(registry: Registry, key: type[BaseRepository] | str) -> str:
    with pytest.raises(RepositoryMissing) as caught:
        registry.resolve(key)
    assert isinstance(caught.value, LookupError)
    assert caught.value.repository == (key if isinstance(key, str) else getattr(key, "name", key.__name__))
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "found"), [(Shelf, Shelf), ("shelf", Shelf), (TopShelf, TopShelf), ("shelf.top", TopShelf)]
)
def test_a_repository_is_found_by_class_and_by_name(
    registry: Registry, key: type[BaseRepository] | str, found: type[BaseRepository]
) -> None:
    assert registry.resolve(key) is found


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("shelv", "plugin 'shelv' isn't installed; did you mean 'shelf'?; install the distribution that brings it"),
        ("quite.different", "plugin 'quite' isn't installed; install the distribution that brings it, such as "),
        ("quite.different", "storeroom-quite (in use: shelf, shelf.top)"),
        (Elsewhere, "no repository Elsewhere: plugin 'elsewhere' isn't installed"),
        (Nameless, "no repository Nameless: plugin 'Nameless' isn't installed"),
        ("barred", "plugin 'barred' is installed but denied here; change STOREROOM_ALLOW or STOREROOM_DENY"),
        ("barred.part", "plugin 'barred' is installed but denied here"),
        ("broken", "plugin 'broken' is quarantined because 'brought' has no storeroom_manifest; define one"),
        (Unlisted, "plugin 'shelf' is in use, but its manifest doesn't list this one (it lists shelf, shelf.top)"),
        ("shelf.to", "plugin 'shelf' is in use, but its manifest doesn't list this one"),
        (Namesake, "no repository Namesake: plugin 'shelf' is in use, but its manifest doesn't list this one"),
    ],
)
def test_what_isnt_there_says_why_and_what_to_do(
    registry: Registry, key: type[BaseRepository] | str, says: str
) -> None:
    assert says in advice(registry, key)


def test_with_nothing_in_use_the_advice_says_so() -> None:
    registry = build_registry(discover(installed=False))
    assert "in use: none" in advice(registry, "shelf")


def test_a_plugin_without_repositories_says_so() -> None:
    registry = build_registry(discover(plugins={"bare": module(manifest())}, installed=False))
    assert "it lists none" in advice(registry, "bare")


@pytest.mark.parametrize("missing", [Shelf, "shelf"])
def test_opening_fails_without_a_required_repository(tmp_path: Path, missing: type[BaseRepository] | str) -> None:
    with pytest.raises(RepositoryMissing, match="storeroom-shelf"):
        Storeroom.open(f"sqlite:///{tmp_path}/a.db", allow=["notes"], require=["notes", missing], upgrade=True)
    assert not (tmp_path / "a.db").exists()


def test_opening_succeeds_with_what_it_requires(tmp_path: Path) -> None:
    with Storeroom.open(f"sqlite:///{tmp_path}/a.db", allow=["notes"], require=["notes"], upgrade=True) as room:
        assert "notes" in room.registry.repositories


def test_a_unit_of_work_gives_one_repository_by_class_and_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    with (
        Storeroom.open(url, plugins={"shelf": shelf_plugin()}, discover=False, upgrade=True) as room,
        room.read() as uow,
    ):
        assert uow[Shelf] is uow["shelf"]
        assert type(uow["shelf.top"]) is TopShelf
        with pytest.raises(RepositoryMissing, match="plugin 'shelf' is in use"):
            uow[Unlisted]


def test_what_is_required_may_come_from_a_generator(tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing):
        Storeroom.open(f"sqlite:///{tmp_path}/a.db", discover=False, require=(name for name in ["notes"]))


def test_one_name_may_be_required_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing, match="no repository 'notes'"):
        Storeroom.open(f"sqlite:///{tmp_path}/a.db", discover=False, require="notes")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"url": Path("a.db")}, "isn't text; write it as 'sqlite:///app.db'"),
        ({"engine": "sqlite://"}, "engine='sqlite://' isn't a SQLAlchemy Engine"),
        ({"url": "sqlite://", "plugins": {"a": "a.plugin"}}, "isn't a module; import it and give it itself"),
    ],
)
def test_an_argument_of_the_wrong_kind_says_what_to_give(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Storeroom.open(discover=False, **arguments)
    assert says in str(caught.value)
