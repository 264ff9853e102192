"""Keys that are taken here: they are replaced, what relates to them follows, the report says so, and new rows fit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom_hooks import HookRepository
from storeroom_jobs import JobRepository
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_standalone import StandaloneRepository
from storeroom_wanted import WantedRepository
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import TARGETS, Row, change, copy_few, insert, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.mine import make_profile, make_script, make_webhook
from tests.adoption.reports import notes, table
from tests.adoption.target import execute, read

pytestmark = pytest.mark.dear

LONG = timedelta(days=1)
WITH_IDS = [name for name in TARGETS if key_here(name) == "id" and name != "jobs"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return copy_few(
        tmp_path / "few.db",
        "UPDATE wanted_items SET standalone_series_id = id WHERE id <= 6",
        "UPDATE wanted_items SET standalone_movie_id = id - 6 WHERE id > 6",
    )


def fill(room: Storeroom) -> None:
    """Write rows of this program's own, which take the first ids of each table."""
    for number in range(3):
        make_profile(room, f"Mine {number}")
        make_script(room, f"mine {number}")
        make_webhook(room, f"mine {number}")
    with room.write() as uow:
        hooks, standalone, providers = uow[HookRepository], uow[StandaloneRepository], uow[ProviderRepository]
        for number in range(3):
            hooks.record_run(1, success=True, exit_code=0, duration_ms=1.0)
            standalone.folders.create(f"/mine/{number}", media_type="tv")
            standalone.series.upsert(folder_path=f"/mine/{number}", title="Mine")
            standalone.movies.upsert(file_path=f"/mine/{number}", title="Mine")
            providers.cache.put("mine", {"q": number}, [], ttl=LONG)
            providers.downloads.log("mine", file_path=f"/mine/{number}")
            uow[WantedRepository].upsert(
                item_type="movie", title="Mine", file_path=f"/mine/{number}", language=None, subtitle_type="full"
            )


def moved(report: Any, name: str) -> Mapping[str, str]:
    """Return what is told of keys that were replaced."""
    return {
        key: cause for key, causes in notes(report).get(name, {}).items() for cause in causes if cause[:5] == "moved"
    }


def test_rows_get_other_ids_and_what_relates_to_them_follows(room: Storeroom, file: Path) -> None:
    fill(room)
    mine = {name: read(room, TARGETS[name]) for name in WITH_IDS}
    report = room.adopt("sublarr", file)
    ids: dict[str, dict[int, int]] = {}
    for name in WITH_IDS:
        rows = read(room, TARGETS[name])
        taken = {row["id"] for row in mine[name]}
        assert [row for row in rows if row["id"] in taken] == mine[name]
        old = [EXPECTED[name](row) for row in read_old(file, name)]
        assert len(rows) == len(mine[name]) + len(old)
        ids[name] = _matched(old, [row for row in rows if row["id"] not in taken])
        replaced = {there: here for there, here in ids[name].items() if there != here}
        assert replaced.keys() == taken & ids[name].keys() != set()
        assert moved(report, name) == {
            str(there): f"moved: id: {there} isn't free; it is {here} here" for there, here in replaced.items()
        }
    _check_relations(room, file, ids)


def _matched(old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """Return the new ids by the old ones, where rows have all else in common but what they relate to."""
    there, here = ({repr(_own(row)): row["id"] for row in rows} for rows in (old, new))
    assert there.keys() == here.keys()
    assert len(there) == len(old)
    return {there[each]: here[each] for each in there}


def _own(row: Row) -> Row:
    relations = {"id", "standalone_series_id", "standalone_movie_id", "script_id", "webhook_id"}
    return dict(sorted((name, value) for name, value in row.items() if name not in relations))


def _check_relations(room: Storeroom, file: Path, ids: Mapping[str, Mapping[int, int]]) -> None:
    for name, columns in {
        "wanted_items": {
            "standalone_series_id": ("standalone_series_id", "standalone_series"),
            "standalone_movie_id": ("standalone_movie_id", "standalone_movies"),
        },
        "hook_log": {"script_id": ("hook_id", "hook_configs"), "webhook_id": ("webhook_id", "webhook_configs")},
    }.items():
        here = {row["id"]: row for row in read(room, TARGETS[name])}
        for old in read_old(file, name):
            row = here[ids[name][old["id"]]]
            for column, (there, other) in columns.items():
                assert row[column] == (None if old[there] is None else ids[other][old[there]])
    for name in ("series_language_profiles", "movie_language_profiles"):
        expected = [EXPECTED[name](row) for row in read_old(file, name)]
        assert read(room, TARGETS[name]) == [
            {**row, "profile_id": ids["language_profiles"][row["profile_id"]]} for row in expected
        ]
    (default,) = read_old(file, "language_profiles", "is_default = 1")
    with room.read() as uow:
        found = uow[ProfileRepository].default()
    assert found is not None
    assert found.name == default["name"]


def test_a_job_whose_id_is_taken_gets_another(room: Storeroom, file: Path) -> None:
    old = read_old(file, "jobs")[0]
    with room.write() as uow:
        mine = uow[JobRepository].create("/mine.mkv")
    execute(room, f"UPDATE jobs SET id = '{old['id']}'")
    report = room.adopt("sublarr", file)
    rows = {row["id"]: row for row in read(room, "jobs")}
    assert rows[old["id"]]["file_path"] == mine.file_path
    (cause,) = moved(report, "jobs").values()
    (other,) = rows.keys() - {row["id"] for row in read_old(file, "jobs")}
    assert rows[other] == {**EXPECTED["jobs"](old), "id": other}
    assert repr(other) in cause


def test_a_series_that_has_a_profile_here_is_told(room: Storeroom, file: Path) -> None:
    mine = make_profile(room, "Mine")
    with room.write() as uow:
        uow[ProfileRepository].series.assign(1000, mine)
    report = room.adopt("sublarr", file)
    assert {row["series_id"]: row["profile_id"] for row in read(room, "profiles_series")}[1000] == mine
    assert list(notes(report)["series_language_profiles"]) == ["1000"]


def test_new_rows_get_ids_of_their_own(room: Storeroom, file: Path) -> None:
    room.adopt("sublarr", file)
    before = {name: {row["id"] for row in read(room, TARGETS[name])} for name in WITH_IDS}
    fill(room)
    for name in WITH_IDS:
        new = [row["id"] for row in read(room, TARGETS[name]) if row["id"] not in before[name]]
        assert len(new) == 3
        assert min(new) > max(before[name])


def test_an_id_that_was_given_here_before_is_not_given_again(room: Storeroom, file: Path) -> None:
    given = [make_profile(room, f"Mine {number}") for number in range(20)]
    with room.write() as uow:
        for each in given[1:]:
            uow[ProfileRepository].delete(each)
    room.adopt("sublarr", file)
    assert make_profile(room, "New") > max(given)


SMALL: Sequence[tuple[str, Callable[[Storeroom], int]]] = [
    ("language_profiles", lambda room: make_profile(room, "New")),
    ("hook_configs", lambda room: make_script(room, "new")),
    ("webhook_configs", lambda room: make_webhook(room, "new")),
]


@pytest.mark.parametrize(("name", "make"), SMALL, ids=[name for name, _ in SMALL])
@pytest.mark.parametrize("key", [0, -7])
def test_ids_that_no_sequence_gives_stop_nothing(
    room: Storeroom, file: Path, name: str, make: Callable[[Storeroom], int], key: int
) -> None:
    change(file, f"DELETE FROM {name} WHERE id > 1", f"UPDATE {name} SET id = {key}")
    report = room.adopt("sublarr", file)
    assert table(report, name).written == 1
    assert make(room) != key


@pytest.mark.parametrize(("name", "make"), SMALL, ids=[name for name, _ in SMALL])
def test_the_largest_id_leaves_room_for_new_rows(
    room: Storeroom, file: Path, name: str, make: Callable[[Storeroom], int]
) -> None:
    change(file, f"UPDATE {name} SET id = {(1 << 63) - 1} WHERE id = 1")
    report = room.adopt("sublarr", file)
    assert table(report, name).left_out == 0
    assert make(room) > 0


def test_a_relation_to_a_row_that_is_not_in_the_file_is_to_none_here(room: Storeroom, file: Path) -> None:
    with room.write() as uow:
        for number in range(70):
            mine = uow[StandaloneRepository].series.upsert(folder_path=f"/mine/{number}", title="Mine").record
    change(file, f"UPDATE wanted_items SET standalone_series_id = {mine.id} WHERE id = 3")
    report = room.adopt("sublarr", file)
    (row,) = (row for row in read(room, "wanted") if row["id"] == 3)
    assert row["standalone_series_id"] is None
    assert "standalone_series_id" in str(notes(report)["wanted_items"]["3"])


def test_a_bad_id_is_replaced_and_the_report_tells_by_which(room: Storeroom, file: Path) -> None:
    old = read_old(file, "wanted_items")[0]
    change(
        file, "ALTER TABLE wanted_items RENAME TO real_items", "CREATE TABLE wanted_items AS SELECT * FROM real_items"
    )
    change(file, "DROP TABLE real_items")
    insert(file, "wanted_items", {**old, "id": "garbage", "file_path": "/without an id"})
    report = room.adopt("sublarr", file)
    (row,) = (row for row in read(room, "wanted") if row["file_path"] == "/without an id")
    assert any(str(row["id"]) in cause for cause in notes(report)["wanted_items"]["garbage"])
