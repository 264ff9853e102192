"""The plugin's table has the indexes that its model says, in the words of the database, and is its own guard."""

from typing import Any

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.errors import CheckFailed, Duplicate, NullRefused
from storeroom_wanted import WantedRepository
from storeroom_wanted.models import wanted as table
from tests.support.dialects import spelled
from tests.wanted.helpers import put


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
    """In the words of the database itself."""
    revised = definitions(open_room)
    assert revised
    with open_room.write() as uow:
        uow.connection.execute(text("DELETE FROM wanted"))
        for index in table.indexes:
            assert index.name is not None
            uow.connection.execute(text(f"DROP INDEX {index.name}"))
            index.create(uow.connection)
    assert definitions(open_room) == revised


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
