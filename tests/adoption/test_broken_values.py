"""One broken value in each column, of each kind of garbage: the row arrives with a default, the others as they were."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from storeroom import AdoptionReport, Storeroom
from tests.adoption.broken import Broken, write_broken
from tests.adoption.derived import ESSENTIAL, columns_here, is_default
from tests.adoption.expected import EXPECTED, moment
from tests.adoption.legacy import REAL, TARGETS, key_here, key_there
from tests.adoption.legacy import read as read_old
from tests.adoption.reports import notes, table
from tests.adoption.target import Row, count, read
from tests.support.rooms import empty

LARGEST = (1 << 63) - 1

# Columns that the old system always fills, and what of a row would be made up without them.
MUST_BE = [
    ("jobs", "status"),
    ("jobs", "created_at"),
    ("subtitle_downloads", "downloaded_at"),
    ("wanted_items", "status"),
    ("wanted_items", "added_at"),
    ("wanted_items", "updated_at"),
    ("language_profiles", "source_language"),
    ("language_profiles", "created_at"),
    ("hook_configs", "name"),
    ("hook_configs", "event_name"),
    ("webhook_configs", "event_name"),
    ("hook_log", "triggered_at"),
    ("metadata_cache", "expires_at"),
]


@dataclass(frozen=True)
class Sweep:
    """What an adoption of a file with all broken rows did."""

    report: AdoptionReport
    broken: Mapping[str, Sequence[Broken]]
    rows: Mapping[str, Sequence[Row]]
    told: Mapping[str, Mapping[str, list[str]]]
    read: Mapping[str, int]
    began: datetime


@pytest.fixture(scope="module")
def sweep(open_room: Storeroom, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    empty(open_room)
    file = tmp_path_factory.mktemp("broken") / "broken.db"
    broken = write_broken(file)
    began = datetime.now(UTC)
    report = open_room.adopt("sublarr", file)
    rows = {name: read(open_room, target) for name, target in TARGETS.items()}
    held = {name: len(read_old(file, name)) for name in TARGETS}
    return Sweep(report, broken, rows, notes(report), held, began)


@pytest.mark.parametrize("name", TARGETS)
def test_each_row_is_accounted_for(sweep: Sweep, open_room: Storeroom, name: str) -> None:
    found = table(sweep.report, name)
    assert found.read == sweep.read[name]
    assert found.read == found.written + found.merged + found.known + found.left_out
    assert found.written == count(open_room, TARGETS[name])
    assert found.left_out == found.count("left out")
    assert found.merged == found.count("merged")
    assert found.known == 0


@pytest.mark.parametrize("name", TARGETS)
def test_the_good_rows_arrive_as_they_were(sweep: Sweep, name: str) -> None:
    key = key_here(name)
    here = {row[key]: row for row in sweep.rows[name]}
    for old in read_old(REAL, name):
        expected = EXPECTED[name](old)
        assert here[expected[key]] == expected


@pytest.mark.parametrize("name", TARGETS)
def test_each_broken_row_arrives_with_a_default_or_is_left_out_for_its_key(sweep: Sweep, name: str) -> None:
    wrong = [problem for each in sweep.broken[name] for problem in _problems(sweep, each)]
    assert wrong == []


def test_what_stands_for_nothing_is_told_where_there_must_be_something(sweep: Sweep) -> None:
    silent = {
        f"{name}.{each.column}"
        for name, column in MUST_BE
        for each in sweep.broken[name]
        if each.column == column and each.kind in ("empty", "null") and each.shown not in sweep.told.get(name, {})
    }
    assert silent == set()


def _problems(sweep: Sweep, broken: Broken) -> list[str]:
    """Return what is wrong with what became of a broken row, and what was told of it."""
    told = sweep.told.get(broken.table, {}).get(broken.shown, [])
    row = _arrived(sweep, broken)
    if row is None:
        if broken.column not in {*ESSENTIAL.get(broken.table, ()), key_there(broken.table)}:
            return [f"{broken} was left out: {told}"]
        return [] if any(each.startswith(("left out", "merged", "moved")) for each in told) else [f"{broken}: untold"]
    expected = EXPECTED[broken.table](broken.good)
    found = []
    for name in expected:
        concerned = name in columns_here(broken.table, broken.column)
        if row[name] != expected[name] and not (concerned and _is_as_it_was(name, broken.value, row[name])):
            if concerned and broken.value == LARGEST and _is_moved(sweep, row[name]):
                continue
            if not (concerned and (is_default(broken.table, name, row, sweep.began) or _is_escaped(told, name))):
                found.append(f"{broken}: {name} is {row[name]!r:.60}, where it was {expected[name]!r:.60}")
            elif not _tells(told, name, broken) and broken.kind not in ("empty", "null"):
                found.append(f"{broken}: {name} is {row[name]!r:.60}, and nothing is told of it ({told!r:.99})")
    return found


def _arrived(sweep: Sweep, broken: Broken) -> Row | None:
    there, here = key_there(broken.table), key_here(broken.table)
    key = EXPECTED[broken.table](broken.good)[here]
    if broken.column == there and broken.value != key:
        key = broken.value
    return next((row for row in sweep.rows[broken.table] if row[here] == key), None)


def _is_as_it_was(name: str, value: Any, here: Any) -> bool:
    """Tell whether a value is what the old row says, however it is written."""
    if value in (None, "") or here is None:
        return here in (None, "") and value in (None, "", "null", 0)
    if isinstance(here, datetime):
        return bool(_or_none(moment, value) == here)
    if isinstance(value, str) and not isinstance(here, str):
        return bool(_or_none(json.loads, value) == here)
    if isinstance(here, str) and isinstance(value, int | float):
        return here in (str(value), repr(value))
    if isinstance(here, float) and isinstance(value, int):
        return bool(float(value) == here)
    return bool(here == value) or (name in ("attempts", "kind") and here in (0, 1, "script", "webhook"))


def _is_moved(sweep: Sweep, key: Any) -> bool:
    """Tell whether the row with the largest id, which leaves no room, was given this one."""
    moved = f"moved: id: {LARGEST} isn't free; it is {key} here"
    return any(moved in rows.get(str(LARGEST), ()) for rows in sweep.told.values())


def _is_escaped(told: Sequence[str], name: str) -> bool:
    return any(each.startswith(f"mended: {name}:") and "escapes" in each for each in told)


def _or_none(read_value: Any, value: Any) -> Any:
    try:
        return read_value(value)
    except (TypeError, ValueError, RecursionError):
        return None


def _tells(told: Sequence[str], name: str, broken: Broken) -> bool:
    return any(each.startswith((f"mended: {name}:", f"mended: {broken.column}:")) for each in told)
