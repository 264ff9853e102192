"""What is taken over from Sublarr: how each column is read, and how statistics here and there become one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, insert, make_url

from storeroom import Statement, Storeroom
from storeroom.adoption import Mended
from storeroom.operations.adopting.conversion import Converter
from storeroom_providers import ProviderRepository
from storeroom_providers.adoption import combined, tables
from storeroom_providers.plugin import storeroom_adopt

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADOPTED = {each.table: each for each in tables()}

# What the other system's tables have, with a row of each as its file of 2026-02 has them.
ROWS: dict[str, dict[str, Any]] = {
    "provider_cache": {
        "id": 1,
        "provider_name": "kitsunekko",
        "query_hash": "cfcd208495d565ef66e7dff9f98764da",
        "results_json": '[{"id": 0, "name": "\\u65e5\\u672c\\u8a9e"}]',
        "cached_at": "2026-11-22T07:37:45.488922",
        "expires_at": "2026-11-22T13:37:45.488922",
    },
    "subtitle_downloads": {
        "id": 1,
        "provider_name": "kitsunekko",
        "subtitle_id": "762449216",
        "language": "fr",
        "format": "ass",
        "file_path": "/media/anime/Druaga no Tou/Season 01/01.mkv",
        "score": 248,
        "downloaded_at": "2026-02-15T12:11:18",
        "subtitle_type": "full",
    },
    "provider_stats": {
        "provider_name": "subdl",
        "total_searches": 47,
        "successful_downloads": 6,
        "failed_downloads": 41,
        "avg_score": 188.33333333333334,
        "last_success_at": "2026-11-22T07:37:45.700196",
        "last_failure_at": "2026-11-22T07:37:45.713055",
        "consecutive_failures": 7,
        "avg_response_time_ms": 1480.7637177177864,
        "last_response_time_ms": 2322.265490686666,
        "auto_disabled": 1,
        "disabled_until": "2026-11-22T08:07:45.725631",
        "updated_at": "2026-11-22T07:37:45.725631",
    },
}


def read(table: str, **changed: Any) -> tuple[dict[str, Any], list[str]]:
    """Read a row by the declaration, and return its values and what is to be told of it."""
    row = {**ROWS[table], **changed}
    converter = Converter(ADOPTED[table], make_url("sqlite://").get_dialect()(), NOW)
    values: dict[str, Any] = {}
    told: list[str] = []
    for name, field in ADOPTED[table].fields.items():
        given = [row[source] for source in field.sources]
        fallback = None if field.required else converter.fallback(name)
        try:
            empty = not field.may_lack and all(each in (None, "") for each in given)
            found = fallback if empty else field.read(*given)
        except ValueError as error:
            told.append(f"{name}: {error}")
            found = fallback
        if isinstance(found, Mended):
            told.append(f"{name}: {found.cause}")
            found = found.value
        values[name] = found
    return values, told


def test_another_system_isnt_known() -> None:
    assert list(storeroom_adopt("bazarr")) == []
    assert [each.table for each in storeroom_adopt("sublarr")] == list(ROWS)


@pytest.mark.parametrize("table", ROWS)
def test_every_column_there_is_read_or_left(table: str) -> None:
    adopted = ADOPTED[table]
    known = {source for field in adopted.fields.values() for source in field.sources}
    assert known | set(adopted.left) == set(ROWS[table])
    assert not known & set(adopted.left)
    assert set(adopted.identity) | set(adopted.key) <= set(ROWS[table])


@pytest.mark.parametrize("table", ROWS)
def test_every_column_here_is_adopted_or_has_a_default(table: str) -> None:
    model = ADOPTED[table].model.__table__
    assert isinstance(model, Table)
    assert set(ADOPTED[table].fields) <= {column.name for column in model.columns}
    lacking = [column for column in model.columns if column.name not in ADOPTED[table].fields]
    assert [column.name for column in lacking if column.default is None] == []


def test_an_entry_of_the_cache_is_read() -> None:
    values, told = read("provider_cache")
    assert told == []
    assert values["results"] == [{"id": 0, "name": "日本語"}]
    assert values["expires_at"] == datetime(2026, 11, 22, 13, 37, 45, 488922, tzinfo=UTC)
    prefer = ADOPTED["provider_cache"].prefer
    assert prefer is not None
    assert prefer(values) == values["cached_at"]


@pytest.mark.parametrize(
    "broken", [{"results_json": "[{"}, {"results_json": "{}"}, {"results_json": ""}, {"expires_at": "soon"}]
)
def test_an_entry_that_cant_be_read_has_expired(broken: dict[str, str]) -> None:
    values, told = read("provider_cache", **broken)
    assert values["expires_at"] == NOW
    assert values["results"] == ([] if "results_json" in broken else [{"id": 0, "name": "日本語"}])
    assert told


def test_a_download_is_read_and_what_is_empty_is_none() -> None:
    values, told = read("subtitle_downloads", format="", subtitle_type="", score=None)
    assert told == []
    assert values == {
        "id": 1,
        "provider": "kitsunekko",
        "subtitle_id": "762449216",
        "language": "fr",
        "format": None,
        "file_path": "/media/anime/Druaga no Tou/Season 01/01.mkv",
        "score": None,
        "subtitle_type": "full",
        "downloaded_at": datetime(2026, 2, 15, 12, 11, 18, tzinfo=UTC),
    }


def test_a_download_with_a_bad_score_or_time_stays_without_it() -> None:
    values, told = read("subtitle_downloads", score=-5, downloaded_at="yesterday")
    assert values["score"] is None
    assert values["downloaded_at"] == NOW
    assert told == ["score: -5 is below 0", "downloaded_at: 'yesterday' isn't a time, as 2026-02-18T13:14:50"]


def test_statistics_are_read_and_how_many_values_an_average_has_is_told() -> None:
    values, told = read("provider_stats")
    assert told == [
        "timed_searches: how many searches were timed isn't in the file; taken from total_searches",
        "scored_downloads: how many downloads were scored isn't in the file; taken from successful_downloads",
    ]
    assert (values["searches"], values["timed_searches"], values["average_response_ms"]) == (47, 47, 1480.7637177177864)
    assert (values["successful_downloads"], values["scored_downloads"]) == (6, 6)
    assert (values["average_score"], values["last_response_ms"]) == (188.33333333333334, 2322.265490686666)
    assert (values["failed_downloads"], values["consecutive_failures"], values["disabled"]) == (41, 7, True)
    assert values["disabled_until"] == datetime(2026, 11, 22, 8, 7, 45, 725631, tzinfo=UTC)


def test_without_averages_there_is_nothing_to_tell() -> None:
    values, told = read(
        "provider_stats", avg_score=0.0, avg_response_time_ms=0, last_response_time_ms=0.0, last_success_at=None
    )
    assert told == []
    assert (values["average_score"], values["scored_downloads"]) == (None, 0)
    assert (values["average_response_ms"], values["timed_searches"], values["last_response_ms"]) == (None, 0, None)
    assert values["last_success_at"] is None


UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("disabled", "until", "expected"),
    [
        (1, "2027-01-01T00:00:00", (True, UNTIL)),
        (1, "", (True, None)),
        (1, None, (True, None)),
        (0, "2027-01-01T00:00:00", (False, None)),
        (None, "", (False, None)),
        (7, "2027-01-01T00:00:00", (False, None)),
    ],
)
def test_who_is_disabled_there_is_disabled_here(disabled: object, until: object, expected: tuple[object, ...]) -> None:
    values, _told = read("provider_stats", auto_disabled=disabled, disabled_until=until)
    assert (values["disabled"], values["disabled_until"]) == expected


ODD: Sequence[Mapping[str, Any]] = [
    {},
    {"avg_score": 5.0, "successful_downloads": 0},
    {"avg_score": -5.0},
    {"avg_score": "nonsense", "successful_downloads": "3"},
    {"avg_response_time_ms": 3.5, "total_searches": None},
    {"avg_response_time_ms": 3.5, "total_searches": -1},
    {"avg_response_time_ms": float("inf"), "last_response_time_ms": -1},
    {"consecutive_failures": -1, "failed_downloads": "many"},
    {"auto_disabled": 0},
    {"auto_disabled": "maybe"},
    {"updated_at": "", "last_failure_at": "never"},
]


@pytest.mark.parametrize("odd", ODD)
def test_whatever_the_row_says_the_database_takes_what_is_read(room: Storeroom, odd: Mapping[str, Any]) -> None:
    values, _told = read("provider_stats", **odd)
    model = ADOPTED["provider_stats"].model.__table__
    assert isinstance(model, Table)
    with room.write() as uow:
        Statement(insert(model)).affected(uow, **values)
        found = uow[ProviderRepository].record_search("subdl", success=True, response_ms=1)
    assert found.searches == values["searches"] + 1


def values_of(**changed: Any) -> dict[str, Any]:
    return {**read("provider_stats")[0], **changed}


EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def test_statistics_here_and_there_are_added_and_what_is_present_is_the_later_ones() -> None:
    here = values_of(
        searches=10,
        timed_searches=1,
        average_response_ms=100.0,
        last_response_ms=7.0,
        average_score=None,
        scored_downloads=0,
        consecutive_failures=0,
        disabled=False,
        disabled_until=None,
        last_success_at=LATE,
        last_failure_at=None,
        updated_at=LATE,
        version=5,
    )
    there = values_of(
        searches=20,
        timed_searches=3,
        average_response_ms=200.0,
        last_success_at=EARLY,
        last_failure_at=EARLY,
        updated_at=EARLY,
    )
    both = combined(here, there)
    assert (both["searches"], both["timed_searches"], both["average_response_ms"]) == (30, 4, 175.0)
    assert (both["successful_downloads"], both["failed_downloads"]) == (12, 82)
    assert (both["scored_downloads"], both["average_score"]) == (6, 188.33333333333334)
    assert (both["last_success_at"], both["last_failure_at"], both["updated_at"]) == (LATE, EARLY, LATE)
    assert (both["consecutive_failures"], both["disabled"], both["disabled_until"]) == (0, False, None)
    assert both["last_response_ms"] == 7.0
    assert set(both) == set(there)


def test_statistics_there_that_are_the_later_ones_say_what_is_present() -> None:
    here = values_of(
        updated_at=EARLY, disabled=False, disabled_until=None, consecutive_failures=0, last_response_ms=9.0
    )
    there = values_of(updated_at=LATE, last_response_ms=None, average_response_ms=None, timed_searches=0)
    both = combined(here, there)
    assert (both["consecutive_failures"], both["disabled"]) == (7, True)
    assert both["disabled_until"] == there["disabled_until"]
    assert (both["last_response_ms"], both["average_response_ms"]) == (9.0, here["average_response_ms"])


def test_statistics_without_averages_have_none_together() -> None:
    nothing = values_of(average_score=None, scored_downloads=0)
    assert combined(nothing, nothing)["average_score"] is None
