"""A file of the old system, taken over as a whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom_profiles import ForcedPreference, ProfileRecord, ProfileRepository
from tests.profiles.helpers import make, run
from tests.support.rooms import PATIENT

pytestmark = pytest.mark.dear

# As the old system makes its tables.
OLD = """
CREATE TABLE language_profiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    source_language TEXT NOT NULL DEFAULT 'en',
    source_language_name TEXT NOT NULL DEFAULT 'English',
    target_languages_json TEXT NOT NULL DEFAULT '["de"]',
    target_language_names_json TEXT NOT NULL DEFAULT '["German"]',
    is_default INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT '2026-02-18T01:00:00',
    updated_at TEXT NOT NULL DEFAULT '2026-02-18T01:00:00',
    translation_backend TEXT DEFAULT 'ollama',
    fallback_chain_json TEXT DEFAULT '["ollama"]',
    forced_preference TEXT DEFAULT 'disabled'
);
CREATE TABLE series_language_profiles (sonarr_series_id INTEGER PRIMARY KEY, profile_id INTEGER NOT NULL);
CREATE TABLE movie_language_profiles (radarr_movie_id INTEGER PRIMARY KEY, profile_id INTEGER NOT NULL);
INSERT INTO language_profiles (id, name) VALUES (1, 'Deutsch'), (2, 'English');
INSERT INTO language_profiles (id, name, source_language, source_language_name, target_languages_json,
    target_language_names_json, is_default, translation_backend, fallback_chain_json, forced_preference)
VALUES (5, 'Anime', 'ja', 'Japanese', '["fr", "es"]', '["French", "Spanish"]', 1, 'deepl', '["deepl", "ollama"]',
    'separate'), (7, 'broken', '', '', '["fr"', '[]', 0, NULL, '', 'always');
INSERT INTO series_language_profiles VALUES (1000, 1), (1001, 2), (1005, 5), (1007, 7), (1009, 99);
INSERT INTO movie_language_profiles VALUES (5000, 5), (5001, 1);
"""
BY_NAME = {1000: "Deutsch", 1001: "English", 1005: "Anime", 1007: "broken"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of the old system, whose default isn't the first."""
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD)
    return file


@pytest.fixture
def new_room(url: str) -> Iterator[Storeroom]:
    """A room into which nothing was taken over yet."""
    with Storeroom.open(url, allow=["profiles"], upgrade=True, settings=PATIENT) as room:
        yield room


def names(profiles: ProfileRepository) -> dict[int, str]:
    return {key: profile.name for key, profile in profiles.series.profiles().items()}


def test_all_of_it_is_taken_over_once(new_room: Storeroom, old: Path) -> None:
    new_room.adopt("sublarr", old)
    with new_room.read() as uow:
        profiles = uow[ProfileRepository]
        found = {each.id: each for each in profiles.list()}
        assert {key: each.name for key, each in found.items()} == {1: "Deutsch", 2: "English", 5: "Anime", 7: "broken"}
        assert profiles.default() == found[5]
        assert profiles.assignments().model_dump() == {
            "series": {1000: 1, 1001: 2, 1005: 5, 1007: 7},
            "movies": {5000: 5, 5001: 1},
        }
    anime = found[5]
    assert anime == ProfileRecord(
        id=5,
        name="Anime",
        source_language="ja",
        source_language_name="Japanese",
        target_languages=("fr", "es"),
        target_language_names=("French", "Spanish"),
        translation_backend="deepl",
        fallback_chain=("deepl", "ollama"),
        forced_preference=ForcedPreference.SEPARATE,
        created_at=anime.created_at,
        updated_at=anime.updated_at,
        is_default=True,
        version=1,
    )
    assert anime.created_at.isoformat() == anime.updated_at.isoformat() == "2026-02-18T01:00:00+00:00"
    assert run(new_room, lambda profiles: make(profiles, "new"))[0].id > 7
    run(new_room, lambda profiles: profiles.set_default(1))
    new_room.adopt("sublarr", old)
    assert run(new_room, lambda profiles: (profiles.default() or anime).id) == 1
    assert run(new_room, names) == BY_NAME


def test_what_is_broken_is_mended(new_room: Storeroom, old: Path) -> None:
    new_room.adopt("sublarr", old)
    broken = run(new_room, lambda profiles: profiles.get_by_name("broken"))
    assert (broken.source_language, broken.source_language_name) == ("en", "English")
    assert (broken.target_languages, broken.target_language_names) == (("de",), ("German",))
    assert (broken.translation_backend, broken.fallback_chain) == ("ollama", ("ollama",))
    assert broken.forced_preference is ForcedPreference.DISABLED


def test_ids_and_names_that_are_taken_here_are_followed(new_room: Storeroom, old: Path) -> None:
    """The default one of the old system gets another id; nothing may take its pointer's key for its own."""
    here = run(new_room, lambda profiles: make(profiles, "one", "two", "three", "four", "Deutsch"))
    new_room.adopt("sublarr", old)
    with new_room.read() as uow:
        profiles = uow[ProfileRepository]
        assert profiles.get_by_name("Deutsch").id == here[-1].id
        assert names(profiles) == BY_NAME
        assert {key: each.name for key, each in profiles.movies.profiles().items()} == {5000: "Anime", 5001: "Deutsch"}
        default = profiles.default()
        assert default is not None
        assert (default.name, default.is_default) == ("Anime", True)


def test_a_default_that_is_here_stays(new_room: Storeroom, old: Path) -> None:
    (here,) = run(new_room, lambda profiles: make(profiles, "here"))
    run(new_room, lambda profiles: profiles.set_default(here.id))
    report = new_room.adopt("sublarr", old)
    (pointer,) = [each for each in report.tables if each.target == "profiles_default"]
    assert (pointer.read, pointer.merged, pointer.left_out) == (1, 1, 0)
    with new_room.read() as uow:
        assert uow[ProfileRepository].default() == here.model_copy(update={"is_default": True})
        assert names(uow[ProfileRepository]) == BY_NAME
