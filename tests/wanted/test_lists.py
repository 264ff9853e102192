"""Finding items, counting them, and letting them go."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_wanted import ItemType, StoredKey, SubtitleType, Summary, WantedRecord, WantedRepository, WantedStatus
from tests.wanted.helpers import DAY, NEW_YEAR, item, key, move, put


@pytest.fixture
def made(wanted: WantedRepository) -> dict[str, WantedRecord]:
    """Two episodes of a series, in two languages the first, one of another series, and a movie; the oldest first."""
    given = {
        "e1 de": item("/s/e1.mkv", "de", series_id=1, episode_id=11, title="Show_100%"),
        "e1 none": item("/s/e1.mkv", None, series_id=1, episode_id=11, title="Show_100%", existing_sub="srt"),
        "e1 forced": item("/s/e1.mkv", "de", "forced", series_id=1, episode_id=11, title="Show_100%"),
        "e2": item("/s/e2.mkv", "de", series_id=1, episode_id=12, title="Show 1000", current_score=7),
        "other": item("/t/e1.mkv", "de", series_id=2, episode_id=21, instance_name="b", existing_sub="ass"),
        "movie": item("/m.mkv", "fr", item_type="movie", movie_id=5, title="Akira", upgrade_candidate=True),
        "folder": item("/f/e1.mkv", "fr", standalone_series_id=3, title="Zeta"),
        "file": item("/f.mkv", "fr", item_type="movie", standalone_movie_id=4, title="Zeta"),
    }
    found = {name: wanted.upsert(**each).record for name, each in given.items()}
    for place, record in enumerate(found.values()):
        move(wanted, record, added_at=NEW_YEAR + place * DAY)
    return {name: wanted.get(record.id) for name, record in found.items()}


LISTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["file", "folder", "movie", "other", "e2", "e1 forced", "e1 none", "e1 de"]),
    ({"file_path": "/s/e1.mkv"}, ["e1 forced", "e1 none", "e1 de"]),
    ({"file_path": "/s/e1.mkv", "language": "de"}, ["e1 forced", "e1 de"]),
    ({"file_path": "/s/e1.mkv", "language": None}, ["e1 none"]),
    ({"file_path": "/s/e1.mkv", "language": "de", "subtitle_type": "full"}, ["e1 de"]),
    ({"episode_id": 11}, ["e1 forced", "e1 none", "e1 de"]),
    ({"episode_id": 11, "language": "de"}, ["e1 forced", "e1 de"]),
    ({"series_id": 1}, ["e2", "e1 forced", "e1 none", "e1 de"]),
    ({"series_id": [1, 2], "instance_name": "b"}, ["other"]),
    ({"series_id": None}, ["file", "folder", "movie"]),
    ({"movie_id": 5}, ["movie"]),
    ({"standalone_series_id": 3}, ["folder"]),
    ({"standalone_movie_id": 4}, ["file"]),
    ({"item_type": "movie"}, ["file", "movie"]),
    ({"subtitle_type": SubtitleType.FORCED}, ["e1 forced"]),
    ({"existing_sub": ["srt", "ass"]}, ["other", "e1 none"]),
    ({"upgrade_candidate": True}, ["movie"]),
    ({"text": "w_100%"}, ["e1 forced", "e1 none", "e1 de"]),
    ({"text": "ZETA"}, ["file", "folder"]),
    ({"text": "/S/E", "series_id": 1, "existing_sub": None}, ["e2", "e1 forced", "e1 de"]),
]


def names(made: dict[str, WantedRecord], records: Sequence[WantedRecord]) -> list[str]:
    by_id = {record.id: name for name, record in made.items()}
    return [by_id[record.id] for record in records]


@pytest.mark.parametrize(("filters", "expected"), LISTS)
def test_lists_and_pages_are_newest_first_by_whatever_is_asked_for(
    wanted: WantedRepository, made: dict[str, WantedRecord], filters: dict[str, Any], expected: list[str]
) -> None:
    assert names(made, wanted.list(**filters)) == expected
    first = wanted.page(size=2, **filters)
    rest = wanted.page(size=50, after=first.next, **filters).items if first.next else ()
    assert names(made, [*first.items, *rest]) == expected
    assert wanted.count(**filters) == len(expected)


def test_a_page_is_filtered_by_status(wanted: WantedRepository, made: dict[str, WantedRecord]) -> None:
    wanted.set_status(made["e2"].id, "ignored")
    wanted.set_status(made["movie"].id, "failed")
    assert names(made, wanted.page(status=["failed", "ignored"]).items) == ["movie", "e2"]
    assert names(made, wanted.page(status=WantedStatus.IGNORED, item_type=ItemType.EPISODE).items) == ["e2"]


def test_lists_are_sorted_by_title_last_search_score_and_count(
    wanted: WantedRepository, made: dict[str, WantedRecord]
) -> None:
    wanted.mark_searched(made["e1 de"].id)
    last = wanted.mark_searched(wanted.mark_searched(made["folder"].id).id)
    move(wanted, made["folder"], last_search_at=last.last_search_at + DAY if last.last_search_at else None)
    titles = [record.title for record in wanted.list(sort="title")]
    assert titles == [None, "Akira", "Show 1000", *["Show_100%"] * 3, "Zeta", "Zeta"]
    assert names(made, wanted.list(sort="-last_search_at", limit=3)) == ["folder", "e1 de", "file"]
    assert names(made, wanted.list(sort=["last_search_at", "title"]))[-2:] == ["e1 de", "folder"]
    assert names(made, wanted.page(sort="-current_score", size=1).items) == ["e2"]
    assert names(made, wanted.page(sort="-search_count", size=2).items) == ["folder", "e1 de"]
    with pytest.raises(FieldUnknown):
        wanted.page(sort="error")


def test_the_summary_counts_by_what_items_are(wanted: WantedRepository, made: dict[str, WantedRecord]) -> None:
    wanted.set_status(made["e2"].id, "ignored")
    assert wanted.summary() == Summary(
        total=8,
        by_type={ItemType.EPISODE: 6, ItemType.MOVIE: 2},
        by_status={WantedStatus.WANTED: 7, WantedStatus.IGNORED: 1},
        by_subtitle_type={SubtitleType.FULL: 7, SubtitleType.FORCED: 1},
        by_existing_sub={None: 6, "srt": 1, "ass": 1},
        upgradeable=1,
    )


def test_without_items_there_is_nothing_to_count(wanted: WantedRepository) -> None:
    summary = wanted.summary()
    assert (summary.total, summary.upgradeable, summary.by_status, summary.by_existing_sub) == (0, 0, {}, {})
    assert wanted.missing_by_series() == {}


def test_what_is_truly_missing_is_wanted_and_has_no_subtitle(
    wanted: WantedRepository, made: dict[str, WantedRecord]
) -> None:
    put(wanted, "/t/e2.mkv", series_id=2, instance_name="b")
    put(wanted, "/t/e3.mkv", series_id=2)
    assert wanted.missing_by_series() == {1: 3, 2: 2}
    assert wanted.missing_by_series(instance_name="b") == {2: 1}
    assert wanted.missing_by_series(instance_name=None) == {1: 3, 2: 1}
    wanted.set_status(made["e2"].id, "found")
    wanted.update(made["e1 de"].id, existing_sub="srt")
    assert wanted.missing_by_series() == {1: 1, 2: 2}


def test_items_are_deleted_by_id_by_ids_and_by_path(wanted: WantedRepository, made: dict[str, WantedRecord]) -> None:
    assert wanted.delete(made["movie"].id)
    assert not wanted.delete(made["movie"].id)
    assert wanted.delete_many([made["e2"].id, made["other"].id, made["movie"].id]) == 2
    assert wanted.delete_path("/s/e1.mkv") == 3
    assert wanted.delete_path("/s/e1.mkv") == 0
    assert names(made, wanted.list()) == ["file", "folder"]


def test_keys_and_paths_are_those_of_all_items(wanted: WantedRepository, made: dict[str, WantedRecord]) -> None:
    found = list(wanted.stream_keys())
    assert len(found) == len(made)
    assert StoredKey(made["e1 none"].id, key("/s/e1.mkv", None)) in found
    assert StoredKey(made["e1 forced"].id, key("/s/e1.mkv", "de", "forced")) in found
    assert all(type(each.key.subtitle_type) is SubtitleType for each in found)
    assert wanted.paths() == {"/s/e1.mkv", "/s/e2.mkv", "/t/e1.mkv", "/m.mkv", "/f/e1.mkv", "/f.mkv"}


BAD: list[tuple[str, object, Callable[[WantedRepository], object]]] = [
    ("status", "done", lambda wanted: wanted.list(status="done")),
    ("series_id", "1", lambda wanted: wanted.list(series_id="1")),
    ("file_path", "", lambda wanted: wanted.list(file_path="")),
    ("file_path", "", lambda wanted: wanted.delete_path("")),
    ("file_path", "\0", lambda wanted: wanted.delete_path("\0")),
    ("instance_name", 7, lambda wanted: wanted.missing_by_series(instance_name=7)),  # type: ignore[arg-type]  # refused
    ("text", None, lambda wanted: wanted.page(text=None)),
]


@pytest.mark.parametrize(("field", "value", "work"), BAD)
def test_what_means_nothing_is_refused_by_field_and_value(
    wanted: WantedRepository,
    made: dict[str, WantedRecord],
    field: str,
    value: object,
    work: Callable[[WantedRepository], object],
) -> None:
    with pytest.raises(ValueRefused) as refusal:
        work(wanted)
    assert (refusal.value.field, refusal.value.value) == (field, value)
    assert wanted.count() == len(made)
