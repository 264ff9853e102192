"""What a comparison of schemas doesn't see of the plugin's tables is as the models say."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import create_engine, inspect

import storeroom_hooks
from storeroom import Storeroom
from storeroom.engine import parse_url

TABLES = {"hooks_scripts", "hooks_webhooks", "hooks_log"}


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
