"""Series and movies that have profiles of their own, fifty of each kind a profile."""

from collections.abc import Callable, Sequence

from sqlalchemy import delete

from storeroom import Statement, UnitOfWork
from storeroom_profiles import Profile, ProfileRepository
from tests.plans.asking import Asked, Domain, Words
from tests.profiles.helpers import ANY

BASE = 1_000_000
EACH = 50
OWN = BASE + 7
SERIES = Profile.metadata.tables["profiles_series"]
CASCADE = Statement(delete(SERIES).where(SERIES.c.profile_id == OWN))


def fill(words: Words) -> Sequence[str]:
    return [
        f"""
INSERT INTO profiles (id, name, source_language, source_language_name, target_languages, target_language_names,
    translation_backend, fallback_chain, forced_preference, created_at, updated_at, version)
{words.numbers} SELECT {BASE} + n, 'profile ' || n, 'en', 'English', '["de"]', '["German"]', 'ollama', '["ollama"]',
    'disabled', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1 FROM numbers WHERE n < {words.rows // EACH}
""",
        f"INSERT INTO profiles_default (slot, profile_id) VALUES (1, {BASE + 9})",
        *(
            f"INSERT INTO profiles_{kind} ({key}, profile_id, version) {words.numbers} "
            f"SELECT n, {BASE} + n / {EACH}, 1 FROM numbers"
            for kind, key in (("series", "series_id"), ("movies", "movie_id"))
        ),
    ]


def of(uow: UnitOfWork) -> ProfileRepository:
    return uow[ProfileRepository]


def by_key(ask: Callable[[ProfileRepository], object], *, hot: bool = False) -> Asked:
    return Asked(lambda uow: ask(of(uow)), hot=hot)


def set_default(profiles: ProfileRepository) -> bool:
    profiles.set_default(OWN)
    return True


def without_a_default(uow: UnitOfWork) -> object:
    """The first is the default then."""
    Statement(delete(Profile.metadata.tables["profiles_default"])).affected(uow)
    return (first := of(uow).default()) and first.id == BASE


PROFILES = Domain(
    fill=fill,
    keys={"profiles.series": 7, "profiles.movies": 7},
    values={"profiles.series": {"profile": OWN}, "profiles.movies": {"profile": OWN}},
    small={"profiles_default": "it has one row"},
    verbs={
        "profiles.create": by_key(lambda profiles: profiles.create("new", **ANY)),
        "profiles.get": by_key(lambda profiles: profiles.get(OWN)),
        "profiles.get_by_name": by_key(lambda profiles: profiles.get_by_name("profile 7")),
        "profiles.update": by_key(lambda profiles: profiles.update(OWN, version=1, name="new")),
        "profiles.delete": by_key(lambda profiles: profiles.delete(OWN)),
        "profiles.default": by_key(lambda profiles: profiles.default()),
        "profiles.default without one": Asked(without_a_default),
        "profiles.set_default": by_key(set_default),
        "profiles.list": by_key(lambda profiles: profiles.list()),
        "profiles.assignments": by_key(lambda profiles: profiles.assignments()),
        "profiles.series.assign": by_key(lambda profiles: profiles.series.assign(7_000_000, OWN), hot=True),
        "profiles.series.assign_many": by_key(lambda profiles: profiles.series.assign_many([7, 8], OWN)),
        "profiles.series.unassign": by_key(lambda profiles: profiles.series.unassign(7)),
        "profiles.series.resolve": by_key(lambda profiles: profiles.series.resolve(7), hot=True),
        "profiles.series.resolve to the default": by_key(lambda profiles: profiles.series.resolve(7_000_000)),
        "profiles.series.profiles": by_key(lambda profiles: profiles.series.profiles()),
        "the database's own deletion of what goes with a profile": Asked(CASCADE.affected),
    },
    accepted={
        "profiles.list": "programs have a handful of profiles, and it returns all",
        "profiles.assignments": "it returns all",
        "profiles.series.profiles": "it returns all",
    },
)
