"""A profile from its creation to its deletion."""

from datetime import UTC, datetime, timedelta

import pytest

from storeroom import Storeroom
from storeroom.errors import Duplicate, FieldUnknown, NotFound, StaleVersion
from storeroom_profiles import DefaultProfile, ForcedPreference, ProfileRecord, ProfileRepository, ProfileValues
from tests.profiles.helpers import ANY, make, run


def test_a_new_profile_has_what_it_was_given(profiles: ProfileRepository) -> None:
    made = profiles.create(
        "Français + Español",
        source_language="ja",
        source_language_name="Japanese",
        target_languages=["fr", "es"],
        target_language_names=("French", "Spanish"),
        translation_backend="deepl",
        fallback_chain=["deepl", "ollama"],
        forced_preference="separate",
    )
    assert made == ProfileRecord(
        id=made.id,
        name="Français + Español",
        source_language="ja",
        source_language_name="Japanese",
        target_languages=("fr", "es"),
        target_language_names=("French", "Spanish"),
        translation_backend="deepl",
        fallback_chain=("deepl", "ollama"),
        forced_preference=ForcedPreference.SEPARATE,
        created_at=made.created_at,
        updated_at=made.created_at,
        is_default=False,
        version=1,
    )
    assert abs(made.created_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert profiles.get(made.id) == made
    assert profiles.get_by_name("Français + Español") == made


def test_what_isnt_given_is_the_back_end_alone_and_no_forced_subtitles(profiles: ProfileRepository) -> None:
    (made,) = make(profiles, "Deutsch")
    assert made.fallback_chain == ("ollama",)
    assert made.forced_preference is ForcedPreference.DISABLED


def test_values_of_a_program_can_be_saved(profiles: ProfileRepository) -> None:
    values = ProfileValues(name="Settings", **{**ANY, "translation_backend": "deepl"})
    assert (values.fallback_chain, values.forced_preference) == (("deepl",), ForcedPreference.DISABLED)
    saved = profiles.create(**values.model_dump())
    assert {name: getattr(saved, name) for name in ProfileValues.model_fields} == dict(values)


def test_a_name_is_taken_once(room: Storeroom) -> None:
    made = run(room, lambda profiles: make(profiles, "Deutsch", "deutsch"))
    with pytest.raises(Duplicate) as duplicate:
        run(room, lambda profiles: make(profiles, "Deutsch"))
    assert duplicate.value.constraint == "uq_profiles_name"
    with pytest.raises(Duplicate):
        run(room, lambda profiles: profiles.update(made[1].id, name="Deutsch"))
    assert run(room, ProfileRepository.list) == tuple(made)


def test_an_id_isnt_given_twice(profiles: ProfileRepository) -> None:
    (first,) = make(profiles, "one")
    profiles.delete(first.id)
    (second,) = make(profiles, "two")
    assert second.id > first.id


def test_the_list_has_the_default_one_first_then_goes_by_name(profiles: ProfileRepository) -> None:
    c, b, a, z, umlaut = make(profiles, "c", "b", "a", "Z", "Ä")
    assert profiles.list() == (z, a, b, c, umlaut)
    profiles.set_default(b.id)
    b = b.model_copy(update={"is_default": True})
    assert profiles.list() == (b, z, a, c, umlaut)


def test_an_update_sets_what_it_names(profiles: ProfileRepository) -> None:
    made, other = make(profiles, "Deutsch", "other")
    changed = profiles.update(made.id, name="German", forced_preference="auto")
    assert changed == made.model_copy(
        update={
            "name": "German",
            "forced_preference": ForcedPreference.AUTO,
            "version": 2,
            "updated_at": changed.updated_at,
        }
    )
    assert changed.updated_at >= made.updated_at
    again = profiles.update(made.id, target_languages=["fr", "es"], target_language_names=["French", "Spanish"])
    assert (again.target_languages, again.target_language_names) == (("fr", "es"), ("French", "Spanish"))
    assert (again.name, again.version) == ("German", 3)
    assert profiles.get(other.id) == other


def test_an_update_has_a_later_time(room: Storeroom) -> None:
    (made,) = run(room, lambda profiles: make(profiles, "Deutsch"))
    for _ in range(1000):  # until the clock, which may be a coarse one, has gone on
        changed = run(room, lambda profiles: profiles.update(made.id, translation_backend="deepl"))
        if changed.updated_at > made.updated_at:
            break
    assert changed.updated_at > made.updated_at
    assert changed.created_at == made.created_at


def test_an_update_of_the_default_one_says_so(profiles: ProfileRepository) -> None:
    made, other = make(profiles, "Deutsch", "other")
    profiles.set_default(made.id)
    assert profiles.update(made.id, name="German").is_default
    assert not profiles.update(other.id, name="another").is_default


def test_an_update_of_an_older_version_is_refused(profiles: ProfileRepository) -> None:
    (made,) = make(profiles, "Deutsch")
    changed = profiles.update(made.id, version=made.version, name="German")
    with pytest.raises(StaleVersion) as stale:
        profiles.update(made.id, version=made.version, name="Allemand")
    assert (stale.value.key, stale.value.expected, stale.value.found) == (made.id, 1, 2)
    assert profiles.get(made.id) == changed


def test_a_profile_that_isnt_there_is_not_found(profiles: ProfileRepository) -> None:
    (made,) = make(profiles, "Deutsch")
    missing = made.id + 1
    for work in (
        lambda: profiles.get(missing),
        lambda: profiles.update(missing, name="x"),
        lambda: profiles.update(missing, version=1, name="x"),
        lambda: profiles.set_default(missing),
    ):
        with pytest.raises(NotFound) as error:
            work()
        assert (error.value.key, error.value.repository) == (missing, "profiles")
    with pytest.raises(NotFound):
        profiles.get_by_name("deutsch")
    assert profiles.list() == (made,)


@pytest.mark.parametrize("field", ["id", "version", "created_at", "updated_at", "is_default", "colour"])
def test_an_update_sets_nothing_else(profiles: ProfileRepository, field: str) -> None:
    (made,) = make(profiles, "Deutsch")
    form: dict[str, object] = {field: made.id}
    with pytest.raises(FieldUnknown if field != "version" else TypeError) as error:
        profiles.update(made.id, **form)  # type: ignore[arg-type]  # a form may hold anything
    assert getattr(error.value, "field", "version") == field
    assert profiles.get(made.id) == made


def test_an_update_without_fields_is_refused(profiles: ProfileRepository) -> None:
    (made,) = make(profiles, "Deutsch")
    with pytest.raises(TypeError, match="name at least one"):
        profiles.update(made.id)


def test_a_deleted_profile_is_gone_with_its_assignments(profiles: ProfileRepository) -> None:
    first, second = make(profiles, "first", "second")
    for key, profile in ((1, first), (2, second), (3, first)):
        profiles.series.assign(key, profile.id)
        profiles.movies.assign(10 * key, profile.id)
    assert profiles.delete(first.id)
    assert not profiles.delete(first.id)
    assert profiles.list() == (second,)
    assert profiles.assignments().model_dump() == {"series": {2: second.id}, "movies": {20: second.id}}


def test_the_default_one_cant_be_deleted(profiles: ProfileRepository) -> None:
    first, second = make(profiles, "first", "second")
    profiles.set_default(first.id)
    profiles.series.assign(1, first.id)
    with pytest.raises(DefaultProfile) as error:
        profiles.delete(first.id)
    assert error.value.profile_id == first.id
    assert [each.id for each in profiles.list()] == [first.id, second.id]  # the unit of work goes on
    assert profiles.assignments().series == {1: first.id}
    profiles.set_default(second.id)
    assert profiles.delete(first.id)
    with pytest.raises(DefaultProfile):
        profiles.delete(second.id)
