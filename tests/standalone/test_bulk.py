"""2,000 real mappings of AniDB entries, written at once: the outcomes are those of one by one."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from storeroom.errors import ValueRefused
from storeroom.sql import Outcome
from storeroom_standalone import StandaloneRepository

FILE = Path(__file__).parent / "data" / "anime-mappings.csv"

Item = Mapping[str, Any]


@pytest.fixture(scope="module")
def items() -> Sequence[Item]:
    """The rows that name a series of TheTVDB; several entries of AniDB are seasons of one series."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            {"tvdb_id": int(row["tvdb_id"]), "anidb_id": int(row["anidb_id"]), "series_title": row["title"]}
            for row in csv.DictReader(file)
            if row["tvdb_id"]
        ]


def last(items: Sequence[Item]) -> list[Item]:
    """The row that stays of each series: the last one."""
    return list({item["tvdb_id"]: item for item in items}.values())


def stored(library: StandaloneRepository) -> list[Item]:
    return [
        {"tvdb_id": each.tvdb_id, "anidb_id": each.anidb_id, "series_title": each.series_title}
        for each in library.mappings.list()
    ]


def by_id(item: Item) -> int:
    return int(item["tvdb_id"])


def test_of_rows_for_one_series_the_last_stays(library: StandaloneRepository, items: Sequence[Item]) -> None:
    assert (len(items), len(last(items))) == (1460, 978)
    outcomes = library.mappings.upsert_many(iter(items))
    assert [outcomes.count(each) for each in Outcome] == [978, 482, 0]
    seen: set[int] = set()
    for item, outcome in zip(items, outcomes, strict=True):
        assert outcome is (Outcome.UPDATED if item["tvdb_id"] in seen else Outcome.INSERTED)
        seen.add(item["tvdb_id"])
    assert stored(library) == sorted(last(items), key=by_id)
    occurrences = sum(item["tvdb_id"] == 71863 for item in items)
    assert library.mappings.get(71863).version == occurrences == 25


def test_what_is_there_is_unchanged_and_what_differs_is_updated(
    library: StandaloneRepository, items: Sequence[Item]
) -> None:
    library.mappings.upsert_many(items)
    wanted = last(items)
    before = {each.tvdb_id: each for each in library.mappings.list()}
    assert set(library.mappings.upsert_many(wanted)) == {Outcome.UNCHANGED}
    assert {each.tvdb_id: each for each in library.mappings.list()} == before
    changed = [{**item, "anidb_id": 1_000_000} if place % 10 == 0 else item for place, item in enumerate(wanted)]
    outcomes = library.mappings.upsert_many(changed)
    assert [place for place, outcome in enumerate(outcomes) if outcome is Outcome.UPDATED] == list(range(0, 978, 10))
    assert outcomes.count(Outcome.UNCHANGED) == 978 - 98
    for place, item in enumerate(wanted):
        version = before[item["tvdb_id"]].version
        assert library.mappings.get(item["tvdb_id"]).version == (version + 1 if place % 10 == 0 else version)


def test_one_bad_row_leaves_nothing_and_is_named(library: StandaloneRepository, items: Sequence[Item]) -> None:
    bad = [*items, {**items[0], "tvdb_id": 0}]
    with pytest.raises(ValueRefused) as refusal:
        library.mappings.upsert_many(bad)
    assert (refusal.value.position, refusal.value.field, refusal.value.value) == (1460, "tvdb_id", 0)
    assert library.mappings.count() == 0


@pytest.mark.parametrize(("part", "path"), [("series", "folder_path"), ("movies", "file_path")])
def test_many_titles_are_written_at_once(
    library: StandaloneRepository, items: Sequence[Item], part: str, path: str
) -> None:
    repository = getattr(library, part)
    found = [{path: f"/media/{item['anidb_id']}", "title": item["series_title"]} for item in items]
    assert set(repository.upsert_many(found)) == {Outcome.INSERTED}
    assert set(repository.upsert_many(found)) == {Outcome.UNCHANGED}
    found[700]["title"] += "!"
    outcomes = repository.upsert_many(found)
    assert (outcomes[700], outcomes.count(Outcome.UNCHANGED)) == (Outcome.UPDATED, 1459)
    assert repository.by_path(found[700][path]).title == found[700]["title"]
    assert repository.count() == 1460
