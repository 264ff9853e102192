"""How rows of the old system are read: what is good is taken, what isn't is mended and told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import inspect

from storeroom.adoption import Field, Mended, TableAdoption
from storeroom_profiles import ForcedPreference
from storeroom_profiles.adoption import SUBLARR
from storeroom_profiles.plugin import storeroom_adopt

# Rows of a real file: the first, and the one with the most to read.
LEGACY: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "language_profiles": [
        {
            "id": 1,
            "name": "Default",
            "source_language": "en",
            "source_language_name": "English",
            "target_languages_json": '["de"]',
            "target_language_names_json": '["German"]',
            "is_default": 1,
            "created_at": "2026-11-22T07:37:44.958797",
            "updated_at": "2026-11-22T07:37:44.958797",
            "translation_backend": "ollama",
            "fallback_chain_json": '["ollama"]',
            "forced_preference": "disabled",
        },
        {
            "id": 3,
            "name": "Français + Español",
            "source_language": "ja",
            "source_language_name": "Japanese",
            "target_languages_json": '["fr", "es"]',
            "target_language_names_json": '["French", "Spanish"]',
            "is_default": 0,
            "created_at": "2026-11-22T07:37:44.964894",
            "updated_at": "2026-11-22T07:37:44.964894",
            "translation_backend": "deepl",
            "fallback_chain_json": '["deepl", "ollama"]',
            "forced_preference": "separate",
        },
    ],
    "series_language_profiles": [{"sonarr_series_id": 1000, "profile_id": 2}],
    "movie_language_profiles": [{"radarr_movie_id": 5000, "profile_id": 3}],
}
NO_TEXTS = "isn't an array of texts, each with something in it"
NONE = "'[]' has no text"
PROFILES, DEFAULT, SERIES, MOVIES = SUBLARR


def field(name: str, **row: Any) -> Any:
    """What core reads for a field of a profile from a row that has these columns."""
    return read(PROFILES.fields[name], row)


def read(each: Field, row: Mapping[str, Any]) -> Any:
    given = [row.get(source) for source in each.sources]
    if not each.may_lack and given[0] in (None, ""):
        return each.fallback()
    return each.read(*given)


def values(adoption: TableAdoption, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read(each, row) for name, each in adoption.fields.items()}


def test_it_is_the_old_system_that_is_taken_over() -> None:
    assert storeroom_adopt("sublarr") == SUBLARR
    assert storeroom_adopt("other") == []


@pytest.mark.parametrize("adoption", SUBLARR, ids=lambda adoption: adoption.model.__tablename__)
def test_each_column_is_read_or_left_and_each_field_is_a_column(adoption: TableAdoption) -> None:
    read_from = {*adoption.key, *(source for each in adoption.fields.values() for source in each.sources)}
    assert read_from | set(adoption.left) == set(LEGACY[adoption.table][0])
    assert not read_from & set(adoption.left)
    columns = {column.key for column in inspect(adoption.model).columns}
    assert set(adoption.fields) <= columns
    assert columns - set(adoption.fields) <= {"version"}
    assert set(adoption.unique) <= set(adoption.fields)


def test_one_row_points_to_the_default() -> None:
    assert DEFAULT.only is not None
    assert [DEFAULT.only({"is_default": each}) for each in (1, "1", 0, "0", None)] == [True, True, False, False, False]
    assert not DEFAULT.only({})
    assert values(DEFAULT, {"id": 7, "is_default": 1}) == {"slot": 1, "profile_id": 7}


def test_a_profile_is_followed_where_it_gets_another_id() -> None:
    related = [adoption.fields["profile_id"].relates_to for adoption in (DEFAULT, SERIES, MOVIES)]
    assert related == [PROFILES.table] * 3
    assert list(PROFILES.key) == ["id"]


@pytest.mark.parametrize(
    ("codes", "names", "languages", "named"),
    [
        ('["de"]', '["German"]', ["de"], ["German"]),
        ('["fr", "es"]', '["French", "Spanish"]', ["fr", "es"], ["French", "Spanish"]),
        (None, None, ["de"], ["German"]),
        ('["fr"]', None, ["fr"], ["fr"]),
        (
            '["en", "fr"]',
            '["English"]',
            ["en", "fr"],
            Mended(["English", "fr"], """'["English"]' isn't a name for each language"""),
        ),
        ("[]", "[]", Mended(["de"], NONE), Mended(["German"], NONE)),
        ("[broken", '["German"]', Mended(["de"], "'[broken' isn't JSON"), ["German"]),
        ('{"de": 1}', '["German"]', Mended(["de"], """'{"de": 1}' isn't a JSON array"""), ["German"]),
        ('["fr", 7, ""]', '["French"]', Mended(["fr"], f"""'["fr", 7, ""]' {NO_TEXTS}"""), ["French"]),
        ('["\\u0000", "fr"]', '["x"]', Mended(["fr"], rf"""'["\\u0000", "fr"]' {NO_TEXTS}"""), ["x"]),
    ],
)
def test_languages_and_names_are_as_many(codes: Any, names: Any, languages: Any, named: Any) -> None:
    row = {"target_languages_json": codes, "target_language_names_json": names}
    assert field("target_languages", **row) == languages
    assert field("target_language_names", **row) == named


@pytest.mark.parametrize(
    ("chain", "backend", "expected"),
    [
        ('["deepl", "ollama"]', "deepl", ["deepl", "ollama"]),
        (None, "deepl", ["deepl"]),
        (None, None, ["ollama"]),
        ("", "deepl", Mended(["deepl"], "'' isn't JSON")),
        ("[]", "deepl", Mended(["deepl"], NONE)),
        ('[null, "a"]', "deepl", Mended(["a"], f"""'[null, "a"]' {NO_TEXTS}""")),
    ],
)
def test_a_fallback_chain_is_the_back_end_alone_unless_it_is_given(chain: Any, backend: Any, expected: Any) -> None:
    assert field("fallback_chain", fallback_chain_json=chain, translation_backend=backend) == expected


def test_what_a_file_of_another_month_lacks_has_its_default() -> None:
    assert field("translation_backend") == "ollama"
    assert field("forced_preference") is ForcedPreference.DISABLED
    assert (field("source_language"), field("source_language_name")) == ("en", "English")
    with pytest.raises(ValueError, match="isn't one of disabled, separate, auto"):
        field("forced_preference", forced_preference="always")


def test_the_newer_of_two_of_one_name_is_preferred() -> None:
    assert PROFILES.prefer is not None
    old, new = (field("updated_at", updated_at=f"2026-02-{day}T01:00:00") for day in (17, 18))
    assert PROFILES.prefer({"updated_at": new}) > PROFILES.prefer({"updated_at": old})


def test_what_a_real_file_has_is_taken_as_it_is() -> None:
    for adoption in SUBLARR:
        for row in LEGACY[adoption.table]:
            found = values(adoption, row).values()
            assert [value for value in found if isinstance(value, Mended) or value is None] == []
    at = datetime(2026, 11, 22, 7, 37, 44, 964894, tzinfo=UTC)
    assert values(PROFILES, LEGACY[PROFILES.table][1]) == {
        "id": 3,
        "name": "Français + Español",
        "source_language": "ja",
        "source_language_name": "Japanese",
        "target_languages": ["fr", "es"],
        "target_language_names": ["French", "Spanish"],
        "translation_backend": "deepl",
        "fallback_chain": ["deepl", "ollama"],
        "forced_preference": ForcedPreference.SEPARATE,
        "created_at": at,
        "updated_at": at,
    }
