"""At 50,000 profiles, and as many series and movies that have one, each query finds its rows by an index."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, event, text

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom_profiles import Profile, ProfileRepository
from tests.profiles.helpers import clear

pytestmark = pytest.mark.dear

ROWS = 50_000
BASE = 1_000_000
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
FILL = [
    f"""
INSERT INTO profiles (id, name, source_language, source_language_name, target_languages, target_language_names,
    translation_backend, fallback_chain, forced_preference, created_at, updated_at)
{NUMBERS} SELECT {BASE} + n, 'profile ' || n, 'en', 'English', '["de"]', '["German"]', 'ollama', '["ollama"]',
    'disabled', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM numbers
""",
    f"INSERT INTO profiles_default (slot, profile_id) VALUES (1, {BASE + ROWS - 1})",
    f"INSERT INTO profiles_series (series_id, profile_id) {NUMBERS} SELECT n, {BASE} + n % 1000 FROM numbers",
    f"INSERT INTO profiles_movies (movie_id, profile_id) {NUMBERS} SELECT n, {BASE} + n % 1000 FROM numbers",
]
# The default's table has one row.
SCAN = re.compile(
    r"SCAN (?:profiles|profiles_series|profiles_movies|first)\b(?! USING)"
    r"|Seq Scan on (?:profiles|profiles_series|profiles_movies)\b",
    re.IGNORECASE,
)
OWN = BASE + 7
SERIES = Profile.metadata.tables["profiles_series"]
CASCADE = Statement(delete(SERIES).where(SERIES.c.profile_id == OWN))


def set_default(profiles: ProfileRepository) -> bool:
    profiles.set_default(OWN)
    return True


QUERIES: dict[str, tuple[Callable[[ProfileRepository], object], str]] = {
    "get": (lambda profiles: profiles.get(OWN), r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "get_by_name": (
        lambda profiles: profiles.get_by_name("profile 7"),
        r"uq_profiles_name|sqlite_autoindex_profiles_1",
    ),
    "update": (lambda profiles: profiles.update(OWN, version=1, name="new"), r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "delete": (lambda profiles: profiles.delete(OWN), r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "default": (lambda profiles: profiles.default(), r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "set_default": (set_default, r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "assign": (lambda profiles: profiles.series.assign(ROWS, OWN), r"pk_profiles\b|INTEGER PRIMARY KEY"),
    "resolve": (lambda profiles: profiles.series.resolve(7), r"pk_profiles_series|profiles_series USING PRIMARY KEY"),
    "unassign": (lambda profiles: profiles.movies.unassign(7), r"pk_profiles_movies|profiles_movies USING PRIMARY KEY"),
    "who has a profile": (
        lambda profiles: profiles.series.page(profile=OWN, size=10).items,
        r"ix_profiles_series_profile_id_series_id",
    ),
    "how many have it": (
        lambda profiles: profiles.movies.count(profile=OWN),
        r"ix_profiles_movies_profile_id_movie_id",
    ),
    "what goes with it": (
        lambda profiles: CASCADE.affected(profiles.uow) == ROWS // 1000,
        r"ix_profiles_series_profile_id_series_id",
    ),
}


def tidy(url: str) -> None:
    """Do what PostgreSQL does by itself a while after so many rows were written, and SQLite when it is told."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))
    engine.dispose()


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, profiles_url: str) -> Iterator[Storeroom]:
    """The room with 50,000 profiles in it, of which a thousand are assigned, to fifty series and movies each."""
    clear(open_room)
    with Storeroom.open(profiles_url, allow=["profiles"], settings=Settings(statement_timeout=0)) as room:
        with room.write() as uow:
            for each in FILL:
                uow.connection.execute(text(each), {"last": ROWS - 1} if ":last" in each else {})
        tidy(profiles_url)
        yield room
    clear(open_room)


class Undone(Exception):
    """Ends what is to be undone."""


@contextmanager
def undone(uow: UnitOfWork) -> Iterator[None]:
    """Undo what is inside."""
    with suppress(Undone), uow.savepoint():
        yield
        raise Undone


@contextmanager
def recorded(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Take down the statements that run on a connection."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, sql: str, parameters: Any, *_rest: object) -> None:
        if re.search(r"\bprofiles", sql):
            seen.append((sql, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def plans(uow: UnitOfWork, query: Callable[[ProfileRepository], object]) -> Sequence[str]:
    """Run a query, undo it, and return the plan of each of its statements."""
    with recorded(uow.connection) as statements, undone(uow):
        assert query(uow[ProfileRepository])
    explain = "EXPLAIN QUERY PLAN" if uow.dialect.name == "sqlite" else "EXPLAIN"
    return [
        "\n".join(str(row[-1]) for row in uow.connection.exec_driver_sql(f"{explain} {sql}", parameters))
        for sql, parameters in statements
    ]


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans(uow, query)
    assert found
    for plan in found:
        assert not SCAN.search(plan), plan
        assert re.search(fitting, plan), plan


def test_without_a_default_the_first_is_found_by_an_index(full_room: Storeroom) -> None:
    with full_room.write() as uow, undone(uow):
        uow.connection.execute(text("DELETE FROM profiles_default"))
        found = plans(uow, lambda profiles: (first := profiles.default()) and first.id == BASE)
        assert not SCAN.search("\n".join(found)), found
