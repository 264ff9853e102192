"""With some of the plugins, and in several runs: what has no plugin is told, and what comes later fits together."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.errors import SourceForeign, SystemUnknown
from storeroom_standalone import StandaloneRepository
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import HOMELESS, TARGETS, change, copy_few, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.target import PLUGINS, count, everything, read
from tests.support.rooms import PATIENT

pytestmark = pytest.mark.dear

OF = {
    "jobs": ("jobs", "daily_stats"),
    "wanted": ("wanted_items",),
    "profiles": ("language_profiles", "series_language_profiles", "movie_language_profiles"),
    "providers": ("provider_cache", "subtitle_downloads", "provider_stats"),
    "hooks": ("hook_configs", "webhook_configs", "hook_log"),
    "standalone": (
        "watched_folders",
        "standalone_series",
        "standalone_movies",
        "metadata_cache",
        "anidb_mappings",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "few.db", "UPDATE wanted_items SET standalone_series_id = id WHERE id <= 6")


def adopt_with(url: str, file: Path, *plugins: str) -> Any:
    """Adopt with these plugins only."""
    with closing(Storeroom.open(url, allow=plugins, settings=PATIENT)) as room:
        return room.adopt("sublarr", file)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_tables_of_other_domains_are_named(room: Storeroom, adoption_url: str, file: Path, plugin: str) -> None:
    report = adopt_with(adoption_url, file, plugin)
    assert {each.table for each in report.tables} == set(OF[plugin])
    others = {name: len(read_old(file, name)) for name in TARGETS if name not in OF[plugin]}
    assert {each.table: each.rows for each in report.ignored} == {**HOMELESS, **others}
    for name, target in TARGETS.items():
        assert count(room, target) == (len(read_old(file, name)) if name in OF[plugin] else 0)


ORDERS = [PLUGINS, tuple(reversed(PLUGINS)), ("jobs", "wanted", "standalone", "hooks", "providers", "profiles")]


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(each) for each in ORDERS])
def test_plugin_by_plugin_is_as_all_at_once(
    room: Storeroom, adoption_url: str, file: Path, order: Sequence[str]
) -> None:
    for last in range(1, len(order) + 1):
        adopt_with(adoption_url, file, *order[:last])
    for name, target in TARGETS.items():
        key = key_here(name)
        expected = [EXPECTED[name](row) for row in read_old(file, name)]
        assert {row[key]: row for row in read(room, target)} == {row[key]: row for row in expected}
    before = everything(room)
    assert {each.written + each.merged for each in room.adopt("sublarr", file).tables} == {0}
    assert everything(room) == before


def test_a_relation_follows_what_was_adopted_before_without_its_neighbour(
    room: Storeroom, adoption_url: str, file: Path
) -> None:
    """First standalone, whose ids are taken, and later wanted."""
    with room.write() as uow:
        for number in range(3):
            uow[StandaloneRepository].series.upsert(folder_path=f"/mine/{number}", title="Mine")
    adopt_with(adoption_url, file, "standalone")
    adopt_with(adoption_url, file, "standalone", "wanted")
    _check_series(room, file)


def test_a_relation_follows_though_its_plugin_is_not_loaded(room: Storeroom, adoption_url: str, file: Path) -> None:
    with room.write() as uow:
        for number in range(3):
            uow[StandaloneRepository].series.upsert(folder_path=f"/mine/{number}", title="Mine")
    adopt_with(adoption_url, file, "standalone")
    adopt_with(adoption_url, file, "wanted")
    _check_series(room, file)


def _check_series(room: Storeroom, file: Path) -> None:
    """Check that each wanted item is of the series of the same folder as in the file."""
    there = {row["id"]: row["folder_path"] for row in read_old(file, "standalone_series")}
    here = {row["id"]: row["folder_path"] for row in read(room, "standalone_series")}
    items = {row["id"]: row["standalone_series_id"] for row in read(room, "wanted")}
    for old in read_old(file, "wanted_items"):
        expected = there.get(old["standalone_series_id"])
        assert here.get(items[old["id"]]) == expected


def test_a_file_without_any_table_of_the_plugins_is_refused(room: Storeroom, adoption_url: str, file: Path) -> None:
    change(file, "DROP TABLE wanted_items")
    with pytest.raises(SourceForeign, match="has none of the tables"):
        adopt_with(adoption_url, file, "wanted")
    with pytest.raises(SystemUnknown, match="'other'"):
        room.adopt("other", file)
    assert not any(everything(room).values())
