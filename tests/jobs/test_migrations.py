"""The plugin's tables: made by its revision, equal to its models on each database, and usable without other plugins."""

from pathlib import Path

import pytest
from sqlalchemy import inspect

from storeroom import State, Storeroom
from storeroom.discovery import discover
from storeroom.engine import Database, parse_url
from storeroom.errors import RevisionEmpty
from storeroom.migrations.author import write_revision
from storeroom.settings import Settings


def test_models_and_revisions_agree(open_room: Storeroom, jobs_url: str) -> None:
    before = _files()
    database = Database.from_url(parse_url(jobs_url), Settings())
    try:
        with pytest.raises(RevisionEmpty):
            write_revision(discover(), "jobs", "Nothing", settings=Settings(), database=database)
    finally:
        database.close()
    assert _files() == before


def test_the_plugin_works_alone(open_room: Storeroom) -> None:
    assert list(open_room.registry.plugins) == ["jobs"]
    assert open_room.registry.quarantined == {}
    states = {each.name: each.state for each in open_room.status()}
    assert states["jobs"] is State.CURRENT
    with open_room.read() as uow:
        tables = set(inspect(uow.connection).get_table_names())
    assert {name for name in tables if not name.startswith("storeroom")} == {"jobs", "jobs_daily"}


def _files() -> set[str]:
    import storeroom_jobs

    folder = Path(storeroom_jobs.__file__).parent / "migrations"
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.suffix != ".pyc"}
