"""The plugin's tables: made by its revision, equal to its models on each database, and usable without other plugins."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect

import storeroom_profiles
from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings

FOLDER = Path(storeroom_profiles.__file__).parent / "migrations"
TABLES = {"profiles", "profiles_default", "profiles_series", "profiles_movies"}


def test_models_and_revisions_agree(open_room: Storeroom, profiles_url: str) -> None:
    before = files()
    database = Database.from_url(parse_url(profiles_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "profiles", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert files() == before


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["profiles"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["profiles"] is State.CURRENT
    with open_room.read() as uow:
        found = set(inspect(uow.connection).get_table_names())
    assert {name for name in found if not name.startswith("storeroom")} == TABLES


def test_the_revision_goes_up_and_down_and_up_again(url: str) -> None:
    engine = create_engine(parse_url(url))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        found = []
        for step in ("upgrade", "downgrade", "upgrade"):
            getattr(revision(), step)()
            found.append(set(inspect(connection).get_table_names()))
    engine.dispose()
    assert found == [TABLES, set(), TABLES]


def test_the_checks_of_the_revision_are_those_of_the_models(open_room: Storeroom, url: str) -> None:
    """A comparison of schemas sees none: the names and the words, which the database itself gives, are the same."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        storeroom_profiles.Profile.metadata.create_all(connection)
        by_models = checks(inspect(connection))
    engine.dispose()
    with open_room.read() as uow:
        by_revision = checks(inspect(uow.connection))
    assert by_revision == by_models
    assert {name for name, _text in by_models} >= {"ck_profiles_target_language_names", "ck_profiles_default_slot"}


def checks(inspector: object) -> set[tuple[str | None, str]]:
    found = inspector.get_multi_check_constraints()  # type: ignore[attr-defined]  # inspect() has no type of its own
    return {
        (each["name"], each["sqltext"])
        for (_schema, table), each_of in found.items()
        if table in TABLES
        for each in each_of
    }


def revision() -> ModuleType:
    (file,) = (FOLDER / "versions").glob("*.py")
    assert (FOLDER / "HEAD").read_text().strip() == file.stem
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files() -> set[str]:
    return {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.suffix != ".pyc"}
