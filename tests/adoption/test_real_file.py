"""Every row of a real file arrives: counts and contents table by table, read independently of what adopts them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.operations.adoption import AdoptionReport
from storeroom_hooks import HookRepository
from storeroom_jobs import JobRepository
from storeroom_profiles import ProfileRepository
from storeroom_providers import ProviderRepository
from storeroom_wanted import WantedRepository
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import HOMELESS, REAL, TARGETS, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.reports import counts, notes
from tests.adoption.target import read
from tests.support.rooms import empty


@pytest.fixture(scope="module")
def report(open_room: Storeroom) -> AdoptionReport:
    empty(open_room)
    return open_room.adopt("sublarr", REAL)


@pytest.fixture
def room(open_room: Storeroom, report: AdoptionReport) -> Storeroom:
    """The room with what was adopted, which no test here changes."""
    return open_room


def test_all_tables_are_accounted_for() -> None:
    tables = {row["name"] for row in read_old(REAL, "sqlite_master", "type = 'table'")}
    assert tables - {"sqlite_sequence"} == TARGETS.keys() | HOMELESS.keys()
    assert EXPECTED.keys() == TARGETS.keys()


@pytest.mark.parametrize("table", TARGETS)
def test_each_row_arrives_as_it_was(room: Storeroom, table: str) -> None:
    expected = [EXPECTED[table](row) for row in read_old(REAL, table)]
    found = read(room, TARGETS[table])
    assert len(found) == len(expected) > 0
    key = key_here(table)
    wanted = {row[key]: row for row in expected}
    for row in found:
        assert row == wanted.pop(row[key])
    assert wanted == {}


def test_the_report_counts_each_row(report: AdoptionReport) -> None:
    expected = {}
    for table, target in TARGETS.items():
        rows = len(read_old(REAL, table))
        expected[table, target] = (rows, rows, 0, 0, 0)
    expected["language_profiles", "profiles_default"] = (1, 1, 0, 0, 0)
    assert counts(report) == expected
    assert {each.table: each.rows for each in report.ignored} == HOMELESS
    assert report.missing == []
    assert [(each.table, column) for each in report.tables for column in each.unknown_columns] == []


def test_the_report_tells_each_value_that_is_not_as_it_was(report: AdoptionReport) -> None:
    jobs = read_old(REAL, "jobs")
    expected: dict[str, Counter[str]] = {
        "jobs": Counter(row["id"] for row in jobs if row["status"] == "running" or row["stats_json"] == "{broken"),
        "provider_stats": Counter(),
    }
    assert len(expected["jobs"]) == 4
    for row in read_old(REAL, "provider_stats"):
        for average, number in (("avg_score", "successful_downloads"), ("avg_response_time_ms", "total_searches")):
            expected["provider_stats"][row["provider_name"]] += bool(row[average] and row[number])
    expected["provider_stats"] = +expected["provider_stats"]
    told = notes(report)
    assert {table: Counter({key: len(each) for key, each in rows.items()}) for table, rows in told.items()} == expected
    assert all("isn't in the file; taken from" in cause for each in told["provider_stats"].values() for cause in each)


def test_jobs_are_counted_as_in_the_file(room: Storeroom) -> None:
    jobs, days = read_old(REAL, "jobs"), read_old(REAL, "daily_stats")
    with room.read() as uow:
        repository = uow[JobRepository]
        assert repository.count_pending() == sum(row["status"] in ("queued", "running") for row in jobs) > 0
        summary = repository.summary()
        hashes = {row["config_hash"] for row in jobs if row["config_hash"]}
        for each in hashes:
            done = [row for row in jobs if row["status"] == "completed" and row["config_hash"] not in ("", each)]
            assert repository.count_outdated(each) == len(done) > 0
        newest = sorted(jobs, key=lambda row: str(row["created_at"]), reverse=True)
        assert [job.id for job in repository.recent(5)] == [row["id"] for row in newest[:5]]
    for name in ("translated", "skipped", "failed"):
        assert getattr(summary, name) == sum(row[name] for row in days) > 0
    for name in ("by_format", "by_source"):
        assert getattr(summary, name) == _added_up(name, days)


def _added_up(name: str, days: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in days:
        total.update(EXPECTED["daily_stats"](row)[name])
    return dict(total)


def test_wanted_items_are_counted_as_in_the_file(room: Storeroom) -> None:
    old = read_old(REAL, "wanted_items")
    with room.read() as uow:
        summary = uow[WantedRepository].summary()
        missing = uow[WantedRepository].missing_by_series()
        item = next(row for row in old if row["target_language"] is None)
        (found,) = (each for each in uow[WantedRepository].list(file_path=item["file_path"]) if each.id == item["id"])
    assert summary.total == len(old)
    assert summary.by_type == Counter(row["item_type"] for row in old)
    assert summary.by_status == Counter(row["status"] for row in old)
    assert summary.by_subtitle_type == Counter(row["subtitle_type"] for row in old)
    assert summary.by_existing_sub == Counter(row["existing_sub"] or None for row in old)
    assert summary.upgradeable == sum(row["upgrade_candidate"] for row in old)
    assert missing == Counter(
        row["sonarr_series_id"]
        for row in old
        if row["status"] == "wanted" and row["existing_sub"] == "" and row["sonarr_series_id"]
    )
    assert found.language is None


def test_profiles_have_their_default_and_what_has_them(room: Storeroom) -> None:
    names = {row["id"]: row["name"] for row in read_old(REAL, "language_profiles")}
    (default,) = read_old(REAL, "language_profiles", "is_default = 1")
    with room.read() as uow:
        repository = uow[ProfileRepository]
        found = repository.default()
        assert found is not None
        assert (found.id, found.name) == (default["id"], default["name"])
        for parts, table, key in (
            (repository.series, "series_language_profiles", "sonarr_series_id"),
            (repository.movies, "movie_language_profiles", "radarr_movie_id"),
        ):
            held = {number: profile.name for number, profile in parts.profiles().items()}
            assert held == {row[key]: names[row["profile_id"]] for row in read_old(REAL, table)}
        resolved = repository.series.resolve(424242)
        assert resolved is not None
        assert resolved.id == default["id"]


def test_providers_go_on_from_their_averages(room: Storeroom) -> None:
    old = {row["provider_name"]: row for row in read_old(REAL, "provider_stats")}
    now = datetime.now(UTC)
    with room.read() as uow:
        repository = uow[ProviderRepository]
        found = {each.provider: each for each in repository.all()}
        cached = repository.cache.statistics()
        counted = {
            (each.provider, name): number
            for each in repository.downloads.counts()
            for name, number in each.by_format.items()
        }
    assert found.keys() == old.keys()
    for name, each in found.items():
        assert each.average_score == (old[name]["avg_score"] or None)
        assert each.average_response_ms == (old[name]["avg_response_time_ms"] or None)
        until = EXPECTED["provider_stats"](old[name])["disabled_until"]
        assert each.disabled == bool(old[name]["auto_disabled"] and (until is None or until > now))
    entries = read_old(REAL, "provider_cache")
    assert cached.total == len(entries)
    assert {name: each.total for name, each in cached.by_provider.items()} == Counter(
        row["provider_name"] for row in entries
    )
    assert counted == Counter((row["provider_name"], row["format"]) for row in read_old(REAL, "subtitle_downloads"))


def test_a_webhook_has_its_log_and_keeps_its_secret(room: Storeroom) -> None:
    (old,) = read_old(REAL, "webhook_configs")
    log = read_old(REAL, "hook_log", f"webhook_id = {old['id']} ORDER BY triggered_at DESC, id DESC")
    with room.read() as uow:
        hooks = uow[HookRepository]
        found = hooks.webhooks.get(old["id"])
        executions = hooks.log.list(webhook=old["id"])
    assert found.secret is not None
    assert found.secret.get_secret_value() == old["secret"]
    assert old["secret"] not in repr(found)
    assert [each.id for each in executions] == [row["id"] for row in log]
