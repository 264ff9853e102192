"""Rows that are the same: one arrives, the last updated, and an ignored one before it; each is told."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_wanted import WantedRepository
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import Row, change, copy_few, insert, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.mine import make_profile
from tests.adoption.reports import notes, table
from tests.adoption.target import execute, read

pytestmark = pytest.mark.dear

PATH = "/media/same.mkv"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "few.db")


def same(key: int, language: str | None, status: str, updated: str, **fields: Any) -> Row:
    times = {"added_at": "2026-01-01T00:00:00", "updated_at": f"2026-02-{updated}T00:00:00"}
    return {
        "id": key,
        "item_type": "episode",
        "title": f"Item {key}",
        "file_path": PATH,
        "target_language": language,
        "status": status,
        **times,
        **fields,
    }


OLD, NEW, IGNORED = (
    same(901, None, "wanted", "01"),
    same(902, "", "failed", "03"),
    same(903, None, "ignored", "02", search_count=7),
)


@pytest.mark.parametrize(
    ("rows", "stays"),
    [
        *((order, NEW) for order in permutations([OLD, NEW])),
        *((order, IGNORED) for order in permutations([OLD, NEW, IGNORED])),
        ([IGNORED, same(904, "", "ignored", "09")], same(904, "", "ignored", "09")),
    ],
)
def test_of_the_same_item_one_arrives(room: Storeroom, file: Path, rows: Sequence[Row], stays: Row) -> None:
    others = len(read_old(file, "wanted_items"))
    # The order of a table is that of its ids.
    numbered = [{**row, "id": 1001 + number} for number, row in enumerate(rows)]
    insert(file, "wanted_items", *numbered)
    (expected,) = (row for row in numbered if row["title"] == stays["title"])
    report = room.adopt("sublarr", file)
    (arrived,) = (row for row in read(room, "wanted") if row["file_path"] == PATH)
    (old,) = read_old(file, "wanted_items", f"id = {expected['id']}")
    assert arrived == EXPECTED["wanted_items"](old)
    told = table(report, "wanted_items")
    assert (told.written, told.merged, told.left_out) == (others + 1, len(rows) - 1, 0)
    merged = {key: causes for key, causes in notes(report)["wanted_items"].items() if "merged" in causes[0]}
    assert merged.keys() == {str(row["id"]) for row in numbered} - {str(expected["id"])}
    for causes in merged.values():
        assert len(causes) == 1
    # Nor does one of them come when the file is given again.
    again = table(room.adopt("sublarr", file), "wanted_items")
    assert (again.known, again.written, again.merged) == (others + len(rows), 0, 0)


def test_items_of_another_language_or_type_are_others(room: Storeroom, file: Path) -> None:
    insert(
        file,
        "wanted_items",
        OLD,
        same(905, "de", "wanted", "01"),
        same(906, None, "wanted", "01", subtitle_type="forced"),
        same(907, "", "wanted", "01", file_path=PATH.upper()),
    )
    report = table(room.adopt("sublarr", file), "wanted_items")
    assert (report.read, report.merged) == (report.written, 0)
    with room.read() as uow:
        assert {each.id for each in uow[WantedRepository].list(file_path=PATH)} == {901, 905, 906}


@pytest.mark.parametrize(
    ("status", "day", "title"),
    [("wanted", "2026-01-31", "Item 902"), ("wanted", "2026-03-01", "Mine"), ("ignored", "2026-01-31", "Mine")],
)
def test_an_item_that_is_here_takes_what_was_updated_later(
    room: Storeroom, file: Path, status: str, day: str, title: str
) -> None:
    insert(file, "wanted_items", NEW)
    with room.write() as uow:
        mine = (
            uow[WantedRepository]
            .upsert(item_type="movie", title="Mine", file_path=PATH, language=None, subtitle_type="full")
            .record
        )
    execute(room, f"UPDATE wanted SET id = 5000, status = '{status}', updated_at = '{day} 00:00:00.000000'")
    report = room.adopt("sublarr", file)
    (row,) = (row for row in read(room, "wanted") if row["file_path"] == PATH)
    (old,) = read_old(file, "wanted_items", "id = 902")
    assert (row["id"], row["title"]) == (5000, title)
    if title != "Mine":
        assert row == {**EXPECTED["wanted_items"](old), "id": 5000, "version": mine.version + 1}
    (told,) = notes(report)["wanted_items"]["902"]
    assert told.startswith("merged: it is the same as 5000 here")
    assert table(report, "wanted_items").merged == 1


def test_a_day_of_both_is_added_up(room: Storeroom, file: Path) -> None:
    day = read_old(file, "daily_stats")[0]
    execute(
        room,
        "INSERT INTO jobs_daily (date, translated, skipped, failed, by_format, by_source)"
        f""" VALUES ('{day["date"]}', 1, 2, 3, '{{"ass":4,"vtt":5}}', '{{}}')""",
    )
    report = room.adopt("sublarr", file)
    expected = EXPECTED["daily_stats"](day)
    (row,) = (row for row in read(room, "jobs_daily") if row["date"] == expected["date"])
    for name, more in (("translated", 1), ("skipped", 2), ("failed", 3)):
        assert row[name] == expected[name] + more
    assert row["by_format"] == {**expected["by_format"], "ass": expected["by_format"]["ass"] + 4, "vtt": 5}
    assert row["by_source"] == expected["by_source"]
    assert "merged" in notes(report)["daily_stats"][day["date"]][0]
    before = read(room, "jobs_daily")
    room.adopt("sublarr", file)
    assert read(room, "jobs_daily") == before


def test_a_day_that_is_written_in_two_ways_loses_no_count(room: Storeroom, file: Path) -> None:
    day = read_old(file, "daily_stats")[0]
    insert(file, "daily_stats", {**day, "date": day["date"].replace("-", ""), "translated": 1000})
    room.adopt("sublarr", file)
    expected = EXPECTED["daily_stats"](day)
    (row,) = (row for row in read(room, "jobs_daily") if row["date"] == expected["date"])
    assert row["translated"] == expected["translated"] + 1000


@pytest.mark.parametrize("name", ["daily_stats", "provider_stats"])
def test_counts_that_together_are_too_large_stop_no_other_row(room: Storeroom, file: Path, name: str) -> None:
    largest = (1 << 63) - 1
    if name == "daily_stats":
        day = read_old(file, name)[0]["date"]
        change(file, f"UPDATE daily_stats SET translated = {largest} WHERE date = '{day}'")
        columns, values = "date, translated, skipped, failed, by_format, by_source", f"'{day}', 5, 0, 0, '{{}}', '{{}}'"
        execute(room, f"INSERT INTO jobs_daily ({columns}) VALUES ({values})")
    else:
        change(file, f"UPDATE provider_stats SET total_searches = {largest} WHERE provider_name = 'gestdown'")
        with room.write() as uow:
            uow[ProviderRepository].record_search("gestdown", success=True)
    report = room.adopt("sublarr", file)
    assert table(report, name).merged + table(report, name).left_out == 1
    assert len(read(room, "wanted")) == len(read_old(file, "wanted_items"))


def test_a_search_that_is_cached_twice_is_the_newer_one(room: Storeroom, file: Path) -> None:
    first = read_old(file, "provider_cache")[0]
    insert(
        file,
        "provider_cache",
        {**first, "id": 801, "cached_at": "2026-11-23T00:00:00", "results_json": "[1]"},
        {**first, "id": 802, "cached_at": "2026-01-01T00:00:00", "results_json": "[2]"},
    )
    report = room.adopt("sublarr", file)
    rows = [row for row in read(room, "providers_cache") if row["query_hash"] == first["query_hash"]]
    assert [(row["id"], row["results"]) for row in rows] == [(801, [1])]
    assert {key for key, causes in notes(report)["provider_cache"].items() if "merged" in causes[0]} == {
        str(first["id"]),
        "802",
    }


def test_a_profile_that_is_here_by_its_name_keeps_its_id_and_what_has_it(room: Storeroom, file: Path) -> None:
    mine = [make_profile(room, name) for name in ("One", "Two", "Forced only")][-1]
    with room.write() as uow:
        uow[ProfileRepository].series.assign(77, mine)
    (old,) = read_old(file, "language_profiles", "name = 'Forced only'")
    report = room.adopt("sublarr", file)
    here = {row["name"]: row for row in read(room, "profiles")}
    assert here["Forced only"][key_here("language_profiles")] == mine
    assert len(here) == len(read_old(file, "language_profiles")) + 2
    # The one that is here was written last.
    assert here["Forced only"]["target_languages"] == ["nl"]
    assigned = {row["series_id"]: row["profile_id"] for row in read(room, "profiles_series")}
    names = {row["id"]: row["name"] for row in read_old(file, "language_profiles")}
    for row in read_old(file, "series_language_profiles"):
        assert assigned[row["sonarr_series_id"]] == here[names[row["profile_id"]]]["id"]
    assert assigned[77] == mine
    assert "merged" in notes(report)["language_profiles"][str(old["id"])][0]
