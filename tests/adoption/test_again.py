"""The same file again, and later copies of it: nothing twice, and nothing changed that was written since."""

from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom_hooks import HookRepository
from storeroom_jobs import JobRepository
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_standalone import StandaloneRepository
from storeroom_wanted import WantedRepository, WantedStatus
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import REAL, TARGETS, change, copy_few, insert, key_there
from tests.adoption.legacy import read as read_old
from tests.adoption.mine import make_profile, make_script
from tests.adoption.reports import counts, notes, table
from tests.adoption.target import everything, read

pytestmark = pytest.mark.dear


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "few.db")


def change_much(room: Storeroom) -> None:
    """Change, count on, delete and add, in each domain."""
    with room.write() as uow:
        jobs, wanted, hooks = uow[JobRepository], uow[WantedRepository], uow[HookRepository]
        standalone, providers, profiles = uow[StandaloneRepository], uow[ProviderRepository], uow[ProfileRepository]
        first, second, *_ = jobs.list()
        jobs.delete(first.id)
        jobs.set_status(second.id, "failed", error="since")
        jobs.record_result(success=True, format="ass", source="since")
        items = wanted.list()
        wanted.delete(items[0].id)
        wanted.set_status(items[1].id, WantedStatus.IGNORED)
        wanted.mark_searched(items[2].id)
        hooks.scripts.update(1, name="since")
        hooks.record_run(1, success=False, exit_code=1, duration_ms=1.0)
        hooks.scripts.delete(2)
        providers.record_search("gestdown", success=True, response_ms=10.0)
        providers.record_download("gestdown", score=1.0)
        providers.clear("jimaku")
        providers.cache.clear("subdl")
        folders = standalone.folders.list()
        standalone.folders.delete(folders[0].id)
        standalone.folders.update(folders[1].id, label="since")
        standalone.metadata.save("tmdb:tv:0", "since", {"since": True})
        standalone.mappings.use(70668)
        profiles.set_default(3)
        profiles.delete(1)
        profiles.update(2, name="Since")
        profiles.series.unassign(1000)


def test_what_was_changed_and_deleted_since_stays_so(room: Storeroom, file: Path) -> None:
    first = room.adopt("sublarr", file)
    change_much(room)
    before = everything(room)
    second = room.adopt("sublarr", file)
    assert counts(second) == {where: (read, 0, 0, read, 0) for where, (read, *_) in counts(first).items()}
    assert everything(room) == before
    assert [note for each in second.tables for note in each.notes] == []


def test_the_whole_file_adds_nothing_the_second_time(room: Storeroom) -> None:
    room.adopt("sublarr", REAL)
    before = everything(room)
    report = room.adopt("sublarr", REAL)
    assert {(each.written, each.merged, each.left_out) for each in report.tables} == {(0, 0, 0)}
    assert everything(room) == before


def test_a_row_of_a_later_copy_arrives_beside_what_is_known(room: Storeroom, file: Path) -> None:
    room.adopt("sublarr", file)
    added = {}
    for name in TARGETS:
        key = key_there(name)
        last = read_old(file, name, f"1 ORDER BY {key} DESC LIMIT 1")[0]
        own = (
            {"id": "new"} if name == "jobs" else {key: f"{last[key]}" if isinstance(last[key], str) else last[key] + 1}
        )
        if key in ("provider_name", "cache_key"):
            own = {key: "new"}
        if name == "daily_stats":
            own = {key: "1999-12-31"}
        own |= {each: "/new" for each in ("path", "folder_path", "file_path", "query_hash", "name") if each in last}
        added[name] = {**last, **own}
        insert(file, name, added[name])
    report = room.adopt("sublarr", file)
    for name, target in TARGETS.items():
        told = table(report, name)
        assert (told.read - told.known, told.written) == (1, 1), name
        assert EXPECTED[name](added[name]) in read(room, target)


def test_the_log_of_a_hook_that_was_deleted_here_still_arrives(room: Storeroom, file: Path) -> None:
    room.adopt("sublarr", file)
    with room.write() as uow:
        uow[HookRepository].scripts.delete(1)
    old = read_old(file, "hook_log", "hook_id = 1")[0]
    insert(file, "hook_log", {**old, "id": 900})
    report = room.adopt("sublarr", file)
    (row,) = (row for row in read(room, "hooks_log") if row["id"] == 900)
    assert row == {**EXPECTED["hook_log"](old), "id": 900, "script_id": None}
    assert any("script_id" in cause for cause in notes(report)["hook_log"]["900"])


def test_the_log_of_a_hook_that_was_deleted_here_is_not_another_hooks(room: Storeroom, file: Path) -> None:
    room.adopt("sublarr", file)
    with room.write() as uow:
        for each in (1, 2):
            uow[HookRepository].scripts.delete(each)
    new = [make_script(room, f"new {number}") for number in range(2)]
    old = read_old(file, "hook_log", "hook_id = 1")[0]
    insert(file, "hook_log", {**old, "id": 900})
    room.adopt("sublarr", file)
    assert [row for row in read(room, "hooks_log") if row["script_id"] in new] == []


def test_an_assignment_to_a_profile_that_was_deleted_here_is_left_out_and_told(room: Storeroom, file: Path) -> None:
    room.adopt("sublarr", file)
    with room.write() as uow:
        uow[ProfileRepository].delete(2)
    insert(file, "series_language_profiles", {"sonarr_series_id": 4242, "profile_id": 2})
    insert(file, "series_language_profiles", {"sonarr_series_id": 4243, "profile_id": 3})
    report = table(room.adopt("sublarr", file), "series_language_profiles")
    assert (report.written, report.left_out) == (1, 1)
    assert {row["series_id"]: row["profile_id"] for row in read(room, "profiles_series")}[4243] == 3


def test_an_earlier_month_without_languages_and_then_a_later_one(room: Storeroom, file: Path, tmp_path: Path) -> None:
    earlier = copy_few(tmp_path / "earlier.db", "DELETE FROM wanted_items WHERE target_language <> ''")
    change(earlier, "ALTER TABLE wanted_items DROP COLUMN target_language")
    room.adopt("sublarr", earlier)
    with room.write() as uow:
        for item in uow[WantedRepository].list():
            uow[WantedRepository].set_status(item.id, WantedStatus.FOUND)
    before = {row["id"]: row for row in read(room, "wanted")}
    room.adopt("sublarr", file)
    after = {row["id"]: row for row in read(room, "wanted")}
    assert len(after) == len(read_old(file, "wanted_items"))
    assert {key: after[key] for key in before} == before


def test_two_files_of_the_system_are_both_taken(room: Storeroom, file: Path, tmp_path: Path) -> None:
    """A second installation of it: its ids are taken, its rows are others."""
    other = copy_few(tmp_path / "other.db")
    change(
        other,
        "UPDATE wanted_items SET file_path = '/other' || file_path",
        "UPDATE language_profiles SET name = 'Other ' || name, created_at = '2026-01-01T00:00:00'",
        "DELETE FROM series_language_profiles",
        "INSERT INTO series_language_profiles VALUES (555, 2)",
        "UPDATE hook_configs SET name = 'other', created_at = '2026-01-01T00:00:00'",
        "UPDATE hook_log SET event_name = 'other'",
    )
    room.adopt("sublarr", file)
    room.adopt("sublarr", other)
    names = {row["id"]: row["name"] for row in read(room, "profiles")}
    assert len(names) == 8
    assigned = {row["series_id"]: names[row["profile_id"]] for row in read(room, "profiles_series")}
    assert assigned[555] == "Other Deutsch"
    scripts = {row["id"]: row["name"] for row in read(room, "hooks_scripts")}
    runs = [row for row in read(room, "hooks_log") if row["event"] == "other" and row["script_id"] is not None]
    assert {scripts[row["script_id"]] for row in runs} == {"other"}
    # The first file again, after the second.
    before = everything(room)
    assert {each.written + each.merged for each in room.adopt("sublarr", file).tables} == {0}
    assert everything(room) == before


def test_what_was_made_here_of_a_merged_row_is_left_alone(room: Storeroom, file: Path) -> None:
    mine = make_profile(room, "Deutsch")
    room.adopt("sublarr", file)
    with room.write() as uow:
        uow[ProfileRepository].update(mine, translation_backend="since")
    change(file, "UPDATE language_profiles SET updated_at = '2027-01-01T00:00:00', translation_backend = 'later'")
    room.adopt("sublarr", file)
    assert {row["id"]: row["translation_backend"] for row in read(room, "profiles")}[mine] == "since"
