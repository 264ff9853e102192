"""The plugin's tables: made by its revision, equal to its models on each database, gone after its downgrade."""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, inspect

import storeroom_hooks
from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings

TABLES = {"hooks_scripts", "hooks_webhooks", "hooks_log"}
FOLDER = Path(storeroom_hooks.__file__).parent / "migrations"


def test_models_and_revisions_agree(open_room: Storeroom, hooks_url: str) -> None:
    before = files()
    database = Database.from_url(parse_url(hooks_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "hooks", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert files() == before


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["hooks"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["hooks"] is State.CURRENT
    with open_room.read() as uow:
        tables = set(inspect(uow.connection).get_table_names())
    assert {name for name in tables if not name.startswith("storeroom")} == TABLES


def test_the_revision_goes_up_and_down_and_up_again(url: str) -> None:
    (file,) = (FOLDER / "versions").glob("hooks_0001_*.py")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    revision = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(revision)
    engine = create_engine(parse_url(url))
    found = []
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for step in (revision.upgrade, revision.downgrade, revision.upgrade):
            step()
            found.append(set(inspect(connection).get_table_names()))
    engine.dispose()
    assert found == [TABLES, set(), TABLES]


def test_what_a_comparison_of_schemas_doesnt_see_is_as_the_models_say(open_room: Storeroom, url: str) -> None:
    """Checks, what goes with what, and the conditions of indexes, in the words of the database itself."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        storeroom_hooks.Execution.metadata.create_all(connection)
        by_models = described(inspect(connection))
    engine.dispose()
    with open_room.read() as uow:
        by_revision = described(inspect(uow.connection))
    assert by_revision == by_models
    assert len(by_models["hooks_webhooks"]) == 10


def described(inspector: Any) -> Mapping[str, Sequence[str]]:
    return {
        table: sorted(
            str({name: _plain(value) for name, value in each.items()})
            for part in ("check_constraints", "foreign_keys", "indexes")
            for each in getattr(inspector, f"get_{part}")(table)
        )
        for table in TABLES
    }


def _plain(value: Any) -> Any:
    # On SQLite the condition of an index comes as a clause.
    return {name: str(each) for name, each in value.items()} if isinstance(value, dict) else value


def files() -> set[str]:
    return {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.suffix != ".pyc"}
