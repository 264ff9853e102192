"""The plugin's tables: made by its revision, equal to its models on each database, and usable without other plugins."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect

import storeroom_standalone
from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings
from tests.standalone.helpers import TABLES

FOLDER = Path(storeroom_standalone.__file__).parent / "migrations"


def test_models_and_revisions_agree(open_room: Storeroom, standalone_url: str) -> None:
    before = _files()
    database = Database.from_url(parse_url(standalone_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "standalone", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert _files() == before


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["standalone"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["standalone"] is State.CURRENT
    with open_room.read() as uow:
        tables = set(inspect(uow.connection).get_table_names())
    assert {name for name in tables if not name.startswith("storeroom")} == set(TABLES)


def test_its_revision_leads_up_and_down_and_up_again(url: str) -> None:
    revision = _revision()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for step, tables in ((revision.upgrade, set(TABLES)), (revision.downgrade, set()), (revision.upgrade, None)):
            step()
            assert set(inspect(connection).get_table_names()) == (set(TABLES) if tables is None else tables)
    engine.dispose()


def _revision() -> ModuleType:
    (file,) = (FOLDER / "versions").glob("*.py")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _files() -> set[str]:
    return {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.suffix != ".pyc"}
