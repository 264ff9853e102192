"""What is taken over from Sublarr: every column, every value of a real file, and a cause for each that is mended."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import make_url

from storeroom.adoption import Mended, TableAdoption
from storeroom.operations.adopting.conversion import Converter
from storeroom_wanted import ItemType, SubtitleType, WantedStatus
from storeroom_wanted.models import wanted as table
from storeroom_wanted.plugin import storeroom_adopt

# A row of a real file; `retry_after` is a column of later months.
ROW: dict[str, Any] = {
    "id": 7,
    "item_type": "movie",
    "sonarr_series_id": None,
    "sonarr_episode_id": None,
    "radarr_movie_id": 5000,
    "title": "Parol no Miraijima",
    "season_episode": "",
    "file_path": "/media/movies/Parol no Miraijima (1984)/Parol no Miraijima.mkv",
    "existing_sub": "",
    "missing_languages": '["de"]',
    "status": "failed",
    "last_search_at": "2026-02-17T04:07:46",
    "search_count": 1,
    "error": "timeout",
    "added_at": "2026-02-09T10:08:03",
    "updated_at": "2026-11-22T07:37:45.321889",
    "upgrade_candidate": 1,
    "current_score": 262,
    "target_language": None,
    "instance_name": "",
    "standalone_series_id": None,
    "standalone_movie_id": 3,
    "subtitle_type": "forced",
    "retry_after": "",
}


@pytest.fixture
def adoption() -> TableAdoption:
    (found,) = storeroom_adopt("sublarr")
    return found


def read(adoption: TableAdoption, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values that a row becomes, with defaults for what isn't there or is bad, and what was wrong."""
    converter = Converter(adoption, make_url("sqlite://").get_dialect()(), datetime.now(UTC))
    values: dict[str, Any] = {}
    causes: dict[str, str] = {}
    for name, field in adoption.fields.items():
        given = [row.get(source) for source in field.sources]
        value: Any = converter.fallback(name)
        if any(each not in (None, "") for each in given):
            try:
                value = field.read(*given)
            except ValueError as error:
                causes[name] = str(error)
        if isinstance(value, Mended):
            value, causes[name] = value.value, value.cause
        values[name] = value
    return values, causes


def test_a_row_becomes_an_item(adoption: TableAdoption) -> None:
    values, causes = read(adoption, ROW)
    assert causes == {}
    assert values == {
        "id": 7,
        "item_type": ItemType.MOVIE,
        "series_id": None,
        "episode_id": None,
        "movie_id": 5000,
        "standalone_series_id": None,
        "standalone_movie_id": 3,
        "instance_name": None,
        "title": "Parol no Miraijima",
        "season_episode": None,
        "file_path": ROW["file_path"],
        "language": None,
        "subtitle_type": SubtitleType.FORCED,
        "existing_sub": None,
        "missing_languages": ["de"],
        "upgrade_candidate": True,
        "current_score": 262,
        "status": WantedStatus.FAILED,
        "error": "timeout",
        "search_count": 1,
        "last_search_at": datetime(2026, 2, 17, 4, 7, 46, tzinfo=UTC),
        "retry_after": None,
        "added_at": datetime(2026, 2, 9, 10, 8, 3, tzinfo=UTC),
        "updated_at": datetime(2026, 11, 22, 7, 37, 45, 321889, tzinfo=UTC),
    }


BAD: list[tuple[str, Any, str, Any]] = [
    ("item_type", "series", "item_type", ItemType.EPISODE),
    ("subtitle_type", "signs", "subtitle_type", SubtitleType.FULL),
    ("status", "done", "status", WantedStatus.WANTED),
    ("missing_languages", "[de", "missing_languages", ()),
    ("missing_languages", '{"de": 1}', "missing_languages", ()),
    ("missing_languages", "null", "missing_languages", ()),
    ("missing_languages", '["de", 1, ""]', "missing_languages", ["de"]),
    ("search_count", -1, "search_count", 0),
    ("search_count", "many", "search_count", 0),
    ("current_score", "high", "current_score", 0),
    ("last_search_at", "yesterday", "last_search_at", None),
    ("retry_after", "soon", "retry_after", None),
    ("sonarr_series_id", "x", "series_id", None),
    ("upgrade_candidate", "maybe", "upgrade_candidate", False),
]


@pytest.mark.parametrize(("column", "value", "field", "expected"), BAD)
def test_a_bad_value_is_replaced_and_told(
    adoption: TableAdoption, column: str, value: Any, field: str, expected: Any
) -> None:
    values, causes = read(adoption, ROW | {column: value})
    assert values[field] == expected
    assert list(causes) == [field]
    assert str(value)[:5] in causes[field]


def test_a_time_that_isnt_there_is_that_of_the_adoption(adoption: TableAdoption) -> None:
    values, _ = read(adoption, ROW | {"added_at": "", "updated_at": "?"})
    for name in ("added_at", "updated_at"):
        assert datetime.now(UTC) - values[name] < timedelta(minutes=1)


def test_every_column_of_the_file_is_read_and_every_column_of_the_model_is_filled(adoption: TableAdoption) -> None:
    sources = {source for field in adoption.fields.values() for source in field.sources}
    assert sources | set(adoption.left) == ROW.keys()
    assert {column.name for column in table.columns} - adoption.fields.keys() == {"version"}
    assert adoption.fields["file_path"].required
    related = {name: field.relates_to for name, field in adoption.fields.items() if field.relates_to}
    assert related == {"standalone_series_id": "standalone_series", "standalone_movie_id": "standalone_movies"}


def test_of_two_rows_with_no_language_an_ignored_one_stays_else_the_one_changed_last(adoption: TableAdoption) -> None:
    assert adoption.prefer is not None
    old, new = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    ignored = adoption.prefer({"status": "ignored", "updated_at": old})
    assert ignored > adoption.prefer({"status": WantedStatus.WANTED, "updated_at": new})
    assert adoption.prefer({"status": "found", "updated_at": new}) > adoption.prefer(
        {"status": "found", "updated_at": old}
    )
    same = [read(adoption, ROW | {"target_language": language})[0] for language in (None, "")]
    assert [same[0][name] for name in adoption.unique] == [same[1][name] for name in adoption.unique]


def test_other_systems_are_left_alone() -> None:
    assert list(storeroom_adopt("other")) == []
