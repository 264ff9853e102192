"""The plugin's table: made by its revision, equal to its model on each database, usable alone, and its own guard."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import CheckFailed, Duplicate, NullRefused, RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings
from storeroom_wanted import WantedRepository
from storeroom_wanted.models import wanted as table
from tests.support.dialects import spelled
from tests.wanted.helpers import put


def test_models_and_revisions_agree(open_room: Storeroom, wanted_url: str) -> None:
    before = _files()
    database = Database.from_url(parse_url(wanted_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "wanted", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert _files() == before


def definitions(room: Storeroom) -> dict[str, str]:
    """The text of each index as the database keeps it."""
    with room.read() as uow:
        query = spelled(
            uow,
            sqlite="SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'wanted'",
            postgresql="SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'wanted'",
        )
        return {name: sql for name, sql in uow.connection.execute(text(query)) if name.startswith("ix_")}


def test_indexes_are_as_the_models_say_with_their_conditions_and_orders(open_room: Storeroom) -> None:
    """Which the comparison above doesn't see."""
    revised = definitions(open_room)
    assert revised
    with open_room.write() as uow:
        uow.connection.execute(text("DELETE FROM wanted"))
        for index in table.indexes:
            assert index.name is not None
            uow.connection.execute(text(f"DROP INDEX {index.name}"))
            index.create(uow.connection)
    assert definitions(open_room) == revised


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["wanted"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["wanted"] is State.CURRENT
    with open_room.read() as uow:
        tables = set(inspect(uow.connection).get_table_names())
    assert {name for name in tables if not name.startswith("storeroom")} == {"wanted"}


RULES: list[tuple[type[Exception], str, Any]] = [
    (CheckFailed, "status", "done"),
    (CheckFailed, "item_type", "series"),
    (CheckFailed, "subtitle_type", ""),
    (CheckFailed, "file_path", ""),
    (CheckFailed, "search_count", -1),
    (NullRefused, "language", None),
    (NullRefused, "subtitle_type", None),
    (NullRefused, "missing_languages", None),
    (Duplicate, "language", "de"),
]


@pytest.mark.parametrize(("error", "column", "value"), RULES)
def test_the_database_itself_holds_the_rules(room: Storeroom, error: type[Exception], column: str, value: Any) -> None:
    with room.write() as uow:
        record = put(uow[WantedRepository], "/a", "fr")
        put(uow[WantedRepository], "/a", "de")
    sql = text(f"UPDATE wanted SET {column} = :value WHERE id = :id")
    with pytest.raises(error), room.write() as uow:
        uow.connection.execute(sql, {"value": value, "id": record.id})
    with room.read() as uow:
        assert uow[WantedRepository].get(record.id) == record


def test_the_table_goes_and_comes_back(url: str) -> None:
    """Down and up again by the revision's own functions."""
    from importlib.util import module_from_spec, spec_from_file_location

    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    (file,) = (each for each in _folder().rglob("wanted_0001*.py"))
    spec = spec_from_file_location("wanted_0001", file)
    assert spec is not None
    assert spec.loader is not None
    revision = module_from_spec(spec)
    spec.loader.exec_module(revision)
    with Storeroom.open(url, allow=["wanted"], upgrade=True) as room:
        made = definitions(room)
        with room.write() as uow:
            connection = uow.connection
            with Operations.context(MigrationContext.configure(connection)):
                revision.downgrade()
                assert "wanted" not in inspect(connection).get_table_names()
                revision.upgrade()
        assert definitions(room) == made
        with room.write() as uow:
            assert put(uow[WantedRepository]).version == 1


def _folder() -> Path:
    import storeroom_wanted

    return Path(storeroom_wanted.__file__).parent / "migrations"


def _files() -> set[str]:
    return {str(file.relative_to(_folder())) for file in _folder().rglob("*") if file.suffix != ".pyc"}
