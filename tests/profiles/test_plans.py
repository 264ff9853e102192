"""At 50,000 profiles, and as many series and movies that have one, each query finds its rows by an index."""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import Connection, delete, text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom_profiles import Profile, ProfileRepository
from tests.support.plans import filled_room, plans, scans, undone

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
# Those of many rows, and what a query calls one of them; the default's table has one row.
LARGE = ("profiles", "profiles_series", "profiles_movies", "first")
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


def fill(connection: Connection) -> None:
    for each in FILL:
        connection.execute(text(each), {"last": ROWS - 1} if ":last" in each else {})


@pytest.fixture(scope="module")
def full_room(open_room: Storeroom, profiles_url: str) -> Iterator[Storeroom]:
    """The room with 50,000 profiles in it, of which a thousand are assigned, to fifty series and movies each."""
    with filled_room(profiles_url, "profiles", Profile.metadata, fill) as room:
        yield room


def plans_of(uow: UnitOfWork, query: Callable[[ProfileRepository], object]) -> Sequence[str]:
    return plans(uow, Profile.metadata, lambda: query(uow[ProfileRepository]))


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_uses_an_index(full_room: Storeroom, what: str) -> None:
    query, fitting = QUERIES[what]
    with full_room.write() as uow:
        found = plans_of(uow, query)
    for plan in found:
        assert not scans(plan, LARGE), plan
        assert re.search(fitting, plan), plan


def test_without_a_default_the_first_is_found_by_an_index(full_room: Storeroom) -> None:
    with full_room.write() as uow, undone(uow):
        uow.connection.execute(text("DELETE FROM profiles_default"))
        found = plans_of(uow, lambda profiles: (first := profiles.default()) and first.id == BASE)
        assert not scans("\n".join(found), LARGE), found
