"""The plugin's tables: made by its revision, equal to its models on each database, gone after its downgrade."""

import importlib
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect

import storeroom_providers
from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings
from storeroom_providers.models import Base
from tests.providers.helpers import TABLES

MIGRATIONS = Path(storeroom_providers.__file__).parent / "migrations"


def files() -> set[str]:
    return {str(file.relative_to(MIGRATIONS)) for file in MIGRATIONS.rglob("*") if file.suffix != ".pyc"}


def test_models_and_revisions_agree(open_room: Storeroom, providers_url: str) -> None:
    before = files()
    database = Database.from_url(parse_url(providers_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "providers", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert files() == before


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["providers"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["providers"] is State.CURRENT
    with open_room.read() as uow:
        tables = set(inspect(uow.connection).get_table_names())
    assert {name for name in tables if not name.startswith("storeroom")} == set(TABLES)


def test_its_revision_makes_what_the_models_say_and_takes_it_back(url: str) -> None:
    (name,) = (file.stem for file in (MIGRATIONS / "versions").glob("*.py"))
    assert (MIGRATIONS / "HEAD").read_text() == f"{name}\n"
    revision = importlib.import_module(f"storeroom_providers.migrations.versions.{name}")
    engine = create_engine(url)
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        revision.upgrade()
        found = inspect(connection)
        assert set(found.get_table_names()) == set(TABLES)
        for table in Base.metadata.tables.values():
            assert {each["name"] for each in found.get_indexes(table.name)} >= {each.name for each in table.indexes}
        revision.downgrade()
        found.clear_cache()
        assert found.get_table_names() == []
    engine.dispose()
