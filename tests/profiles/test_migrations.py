"""What a comparison of schemas doesn't see of the plugin's tables is as the models say."""

from sqlalchemy import create_engine, inspect

import storeroom_profiles
from storeroom import Storeroom
from storeroom.engine import parse_url

TABLES = {"profiles", "profiles_default", "profiles_series", "profiles_movies"}


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
