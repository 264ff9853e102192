"""Four real processes on the same rows: one row a key, and a version that tells how often it was written."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.testing import run_together
from tests.standalone import workers
from tests.standalone.helpers import run

PROCESSES, EACH, KEYS = 4, 500, 5


def together(work: Callable[..., None], url: str, folder: Path, times: int = EACH) -> Counter[str]:
    """Do something in all processes, and return how often what came of it."""
    assert run_together(PROCESSES, work, url, times, KEYS, folder) == [0] * PROCESSES
    counts = Counter(line for file in folder.iterdir() for line in file.read_text().splitlines())
    assert (len(list(folder.iterdir())), counts.total()) == (PROCESSES, PROCESSES * times)
    return counts


def versions(records: Any) -> int:
    return sum(record.version for record in records)


@pytest.mark.dear
def test_no_use_and_no_change_of_a_mapping_is_lost(room: Storeroom, standalone_url: str, tmp_path: Path) -> None:
    counts = together(workers.save_and_use, standalone_url, tmp_path)
    found = run(room, lambda library: library.mappings.list())
    assert [record.tvdb_id for record in found] == list(range(1, KEYS + 1))
    assert counts["inserted"] == KEYS
    assert counts["updated"] > 0
    assert counts["used"] == PROCESSES * EACH // 2
    assert versions(found) == counts["inserted"] + counts["updated"] + counts["used"]


@pytest.mark.dear
def test_a_folder_has_one_series_however_many_scan_it(room: Storeroom, standalone_url: str, tmp_path: Path) -> None:
    counts = together(workers.upsert_series, standalone_url, tmp_path)
    found = run(room, lambda library: library.series.list(sort="created_at"))
    assert {record.folder_path for record in found} == {f"/media/{key}" for key in range(KEYS)}
    assert len(found) == counts["inserted"] == KEYS
    assert counts["updated"] > 0
    assert versions(found) == counts["inserted"] + counts["updated"]


@pytest.mark.dear
def test_a_key_has_one_response_however_many_save_it(room: Storeroom, standalone_url: str, tmp_path: Path) -> None:
    together(workers.save_responses, standalone_url, tmp_path)
    found = run(room, lambda library: library.metadata.list())
    assert [record.cache_key for record in found] == [f"key{key}" for key in range(KEYS)]
    assert versions(found) == PROCESSES * EACH


def test_a_path_is_watched_once_however_many_create_it(room: Storeroom, standalone_url: str, tmp_path: Path) -> None:
    counts = together(workers.create_folders, standalone_url, tmp_path, times=10)
    assert counts == {"created": 10, "duplicate": 10 * (PROCESSES - 1)}
    assert run(room, lambda library: library.folders.count()) == 10
