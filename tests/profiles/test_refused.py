"""What means nothing is refused by field and value, and nothing is left behind."""

from collections.abc import Callable
from typing import Any

import pytest

from storeroom.errors import ValueRefused
from storeroom_profiles import ProfileRepository
from tests.profiles.helpers import ANY, make

BAD: list[tuple[str, Any]] = [
    *((field, bad) for field in ("name", "source_language", "source_language_name") for bad in ("", None, 7)),
    ("translation_backend", ""),
    ("translation_backend", None),
    ("name", "a\0b"),
    ("name", "a\ud800"),
    *(
        (field, bad)
        for field in ("target_languages", "target_language_names", "fallback_chain")
        for bad in ([], "de", None, [""], ["de", 7], {"de": "German"}, {"de"})
    ),
    ("forced_preference", "always"),
    ("forced_preference", None),
    ("forced_preference", 1),
]
# What create takes as "not given".
UNGIVEN = ("fallback_chain", None)


FLAWED = ["a\0b", "a\ud800"]


def attempt(work: Callable[[], object], field: str, value: object) -> None:
    with pytest.raises(ValueRefused) as refusal:
        work()
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert str(refusal.value).startswith(f"{field}: ")


@pytest.mark.parametrize(("field", "value"), [each for each in BAD if each != UNGIVEN])
def test_a_new_profile_cant_have_it(profiles: ProfileRepository, field: str, value: Any) -> None:
    attempt(lambda: profiles.create(**{"name": "Deutsch", **ANY, field: value}), field, value)
    assert profiles.list() == ()


@pytest.mark.parametrize(("field", "value"), BAD)
def test_no_profile_can_get_it(profiles: ProfileRepository, field: str, value: Any) -> None:
    (made,) = make(profiles, "Deutsch")
    pair = {name: ANY[name] for name in ("target_languages", "target_language_names")}
    form: dict[str, Any] = {**(pair if field in pair else {}), field: value}
    attempt(lambda: profiles.update(made.id, **form), field, value)
    assert profiles.list() == (made,)


def test_each_target_language_has_a_name(profiles: ProfileRepository) -> None:
    attempt(
        lambda: profiles.create("Deutsch", **{**ANY, "target_languages": ["de", "fr"]}),
        "target_language_names",
        ["German"],
    )
    (made,) = make(profiles, "Deutsch")
    names = ["German", "French"]
    attempt(
        lambda: profiles.update(made.id, target_languages=["de"], target_language_names=names),
        "target_language_names",
        names,
    )
    attempt(lambda: profiles.update(made.id, target_languages=["fr"]), "target_languages", ["fr"])
    attempt(lambda: profiles.update(made.id, target_language_names=["Deutsch"]), "target_language_names", ["Deutsch"])
    assert profiles.list() == (made,)


@pytest.mark.parametrize("flawed", FLAWED)
def test_what_no_database_stores_is_refused_in_lists_too(profiles: ProfileRepository, flawed: str) -> None:
    (made,) = make(profiles, "Deutsch")
    attempt(lambda: profiles.update(made.id, fallback_chain=["ollama", flawed]), "fallback_chain", flawed)
    assert profiles.list() == (made,)


KEYS: list[tuple[str, Any, Callable[[ProfileRepository, Any], object]]] = [
    ("key", "1", lambda profiles, bad: profiles.series.assign(bad, 1)),
    ("key", None, lambda profiles, bad: profiles.series.assign(bad, 1)),
    ("key", True, lambda profiles, bad: profiles.movies.assign(bad, 1)),
    ("key", 1 << 63, lambda profiles, bad: profiles.movies.assign(bad, 1)),
    ("key", "1", lambda profiles, bad: profiles.series.resolve(bad)),
    ("key", 1.5, lambda profiles, bad: profiles.movies.unassign(bad)),
    ("profile_id", "1", lambda profiles, bad: profiles.series.assign(1, bad)),
    ("profile_id", "1", lambda profiles, bad: profiles.series.assign_many([1], bad)),
    ("profile_id", "1", lambda profiles, bad: profiles.get(bad)),
    ("profile_id", "1", lambda profiles, bad: profiles.update(bad, name="x")),
    ("profile_id", "1", lambda profiles, bad: profiles.set_default(bad)),
    ("profile_id", "1", lambda profiles, bad: profiles.delete(bad)),
    ("name", 1, lambda profiles, bad: profiles.get_by_name(bad)),
    ("version", "1", lambda profiles, bad: profiles.update(1, version=bad, name="x")),
]


@pytest.mark.parametrize(("field", "value", "work"), KEYS)
def test_what_isnt_a_key_is_refused(
    profiles: ProfileRepository, field: str, value: Any, work: Callable[[ProfileRepository, Any], object]
) -> None:
    make(profiles, "Deutsch")
    attempt(lambda: work(profiles, value), field, value)
    assert profiles.assignments().model_dump() == {"series": {}, "movies": {}}
