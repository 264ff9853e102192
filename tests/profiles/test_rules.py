"""The database itself holds the rules, whoever writes to it."""

from typing import Any

import pytest
from sqlalchemy import text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import CheckFailed, DatabaseError, Duplicate, ForeignKeyMissing, NullRefused
from storeroom_profiles import ProfileRecord, ProfileRepository
from tests.profiles.helpers import make, run

BAD: list[tuple[str, type[DatabaseError]]] = [
    ("INSERT INTO profiles_default (slot, profile_id) VALUES (1, {other})", Duplicate),
    ("INSERT INTO profiles_default (slot, profile_id) VALUES (2, {other})", CheckFailed),
    ("UPDATE profiles_default SET slot = 2", CheckFailed),
    ("UPDATE profiles_default SET profile_id = {other} + 1", ForeignKeyMissing),
    ("DELETE FROM profiles WHERE id = {default}", ForeignKeyMissing),
    ("DELETE FROM profiles", ForeignKeyMissing),
    ("INSERT INTO profiles_series (series_id, profile_id) VALUES (2, {other} + 1)", ForeignKeyMissing),
    ("INSERT INTO profiles_series (series_id, profile_id) VALUES (1, {other})", Duplicate),
    ("INSERT INTO profiles_series (profile_id) VALUES ({other})", NullRefused),
    ("INSERT INTO profiles_movies (movie_id, profile_id) VALUES (2, {other} + 1)", ForeignKeyMissing),
    ("INSERT INTO profiles_movies (movie_id, profile_id) VALUES (1, {other})", Duplicate),
    ("INSERT INTO profiles_movies (movie_id, profile_id) VALUES (NULL, {other})", NullRefused),
    ("UPDATE profiles SET name = 'default' WHERE id = {other}", Duplicate),
    ("UPDATE profiles SET name = NULL", NullRefused),
    *(
        (f"UPDATE profiles SET {column} = ''", CheckFailed)
        for column in ("name", "source_language", "source_language_name", "translation_backend", "forced_preference")
    ),
    ("UPDATE profiles SET target_languages = '[]', target_language_names = '[]'", CheckFailed),
    ('UPDATE profiles SET target_languages = \'["de","fr"]\'', CheckFailed),
    ("UPDATE profiles SET target_language_names = '[]'", CheckFailed),
    ("UPDATE profiles SET fallback_chain = '[]'", CheckFailed),
]


@pytest.fixture
def made(room: Storeroom) -> dict[str, ProfileRecord]:
    """The default profile and another one, each with a series and a movie."""
    default, other = run(room, lambda profiles: make(profiles, "default", "other"))

    def fill(profiles: ProfileRepository) -> None:
        profiles.set_default(default.id)
        profiles.series.assign(1, default.id)
        profiles.movies.assign(1, default.id)

    run(room, fill)
    return {"default": default, "other": other}


def everything(uow: UnitOfWork) -> list[Any]:
    tables = ("profiles", "profiles_default", "profiles_series", "profiles_movies")
    return [Statement(text(f"SELECT * FROM {table} ORDER BY 1")).all(uow) for table in tables]


@pytest.mark.parametrize(("sql", "error"), BAD)
def test_a_rule_isnt_broken_by_hand(
    room: Storeroom, made: dict[str, ProfileRecord], sql: str, error: type[DatabaseError]
) -> None:
    with room.write() as uow:
        before = everything(uow)
        broken = Statement(text(sql.format(**{name: profile.id for name, profile in made.items()})))
        with pytest.raises(error), uow.savepoint():
            broken.affected(uow)
        assert everything(uow) == before
