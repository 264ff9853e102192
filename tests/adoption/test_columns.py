"""Files of other months: columns and tables that are missing take their defaults, others are left; all are named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom
from storeroom.errors import SourceForeign
from storeroom.operations.adoption import TableReport
from tests.adoption.derived import ESSENTIAL, columns_here, is_default
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import HOMELESS, REAL, TARGETS, Row, change, columns, copy_few, key_here, key_there
from tests.adoption.legacy import read as read_old
from tests.adoption.reports import table
from tests.adoption.target import PLUGINS, everything, read
from tests.support.rooms import empty

# SQLite keeps columns that an index has.
DROP_INDEXES = [f"DROP INDEX {row['name']}" for row in read_old(REAL, "sqlite_master", "type = 'index' AND sql <> ''")]

# The keys, and a column that is known and left.
KEPT = {("hook_configs", "hook_type"), *((name, key_there(name)) for name in TARGETS)}

# Those that SQLite lets nobody drop, since they are unique or refer to another table, are essential as well.
DROPPABLE: Mapping[str, Sequence[str]] = {
    name: [each for each in columns(name) if each not in ESSENTIAL.get(name, ()) and (name, each) not in KEPT]
    for name in TARGETS
}


@pytest.fixture(scope="module")
def sqlite_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storeroom]:
    """A room on SQLite: which columns a file has matters to nobody behind the reading."""
    url = f"sqlite:///{tmp_path_factory.mktemp('columns')}/new.db"
    with Storeroom.open(url, allow=PLUGINS, upgrade=True) as room:
        yield room


@pytest.fixture
def room(sqlite_room: Storeroom) -> Storeroom:
    empty(sqlite_room)
    return sqlite_room


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return copy_few(tmp_path / "few.db", *DROP_INDEXES)


def rounds() -> Sequence[dict[str, str]]:
    """Return, until each column was dropped once, a column of each table."""
    return [
        {name: column for name, column in zip(DROPPABLE, dropped, strict=True) if column is not None}
        for dropped in zip_longest(*DROPPABLE.values())
    ]


@pytest.mark.parametrize("dropped", rounds(), ids=lambda dropped: ",".join(sorted(set(dropped.values()))[:3]))
def test_a_column_that_is_missing_takes_its_default_and_is_named(
    room: Storeroom, file: Path, tmp_path: Path, dropped: Mapping[str, str]
) -> None:
    drops = [f"ALTER TABLE {name} DROP COLUMN {column}" for name, column in dropped.items()]
    lacking = copy_few(tmp_path / "lacking.db", *DROP_INDEXES, *drops)
    began = datetime.now(UTC)
    report = room.adopt("sublarr", lacking)
    wrong: list[str] = []
    for name, column in dropped.items():
        here, there = read(room, TARGETS[name]), read_old(file, name)
        wrong += _problems(table(report, name), here, [EXPECTED[name](row) for row in there], column, began)
    assert wrong == []


def _problems(
    told: TableReport, here: Sequence[Row], old: Sequence[Row], column: str, began: datetime
) -> Iterator[str]:
    name = told.table
    rows = {row[key_here(name)]: row for row in here}
    # Without what tells them apart, some wanted items are the same.
    if (told.read, told.written, told.left_out) != (len(old), len(rows), 0) or len(rows) + told.merged != len(old):
        yield f"{name}.{column}: {told.read} read, {told.written} written, {told.merged} merged of {len(old)}"
    for expected in old:
        row = rows.get(expected[key_here(name)], expected)
        for each in expected.keys() - {"attempts"}:
            concerned = each in columns_here(name, column)
            if row[each] != expected[each] and not (concerned and is_default(name, each, row, began)):
                yield f"{name}.{column}: {each} is {row[each]!r:.60}, not {expected[each]!r:.60}"
    if set(told.missing_columns) - {column, "retry_after"}:
        yield f"{name}.{column}: {told.missing_columns} are named"


def test_each_column_that_is_missing_is_named(room: Storeroom, file: Path) -> None:
    change(file, *(f"ALTER TABLE {name} DROP COLUMN {each}" for name in DROPPABLE for each in DROPPABLE[name]))
    report = room.adopt("sublarr", file)
    named = {name: set(table(report, name).missing_columns) - {"retry_after"} for name in TARGETS}
    # The default profile's report names `is_default`, whose place is a table of its own.
    assert named == {name: {*dropped} - {"is_default"} for name, dropped in DROPPABLE.items()}
    (default,) = (each for each in report.tables if each.target == "profiles_default")
    assert default.missing_columns == ["is_default"]


# Without them a row says nothing, and without the whole column a table isn't the old system's.
@pytest.mark.parametrize(
    "where",
    [
        "wanted_items.file_path",
        "anidb_mappings.anidb_id",
    ],
)
def test_a_table_without_what_its_rows_are_about_is_refused(room: Storeroom, file: Path, where: str) -> None:
    name, column = where.split(".")
    change(file, f"ALTER TABLE {name} DROP COLUMN {column}")
    with pytest.raises(SourceForeign, match=rf"table '{name}' of .* lacks \['{column}'\]"):
        room.adopt("sublarr", file)
    assert not any(everything(room).values())


def test_columns_and_tables_that_nobody_knows_are_named_and_the_rest_arrives(room: Storeroom, file: Path) -> None:
    change(
        file,
        *(f"ALTER TABLE {name} ADD COLUMN of_later_months TEXT DEFAULT 'x'" for name in TARGETS),
        "CREATE TABLE later (id INTEGER PRIMARY KEY)",
        "INSERT INTO later VALUES (1), (2)",
    )
    report = room.adopt("sublarr", file)
    assert {each.table: each.unknown_columns for each in report.tables if each.target != "profiles_default"} == {
        name: ["of_later_months"] for name in TARGETS
    }
    assert {each.table: each.rows for each in report.ignored} == {**HOMELESS, "later": 2}
    for name, target in TARGETS.items():
        assert _by_key(name, read(room, target)) == _by_key(name, map(EXPECTED[name], read_old(file, name)))


def test_a_column_of_a_later_month_that_is_known_is_read(room: Storeroom, file: Path) -> None:
    change(
        file,
        "ALTER TABLE wanted_items ADD COLUMN retry_after TEXT DEFAULT ''",
        "UPDATE wanted_items SET retry_after = '2026-12-01T00:00:00' WHERE id = 2",
    )
    report = room.adopt("sublarr", file)
    assert table(report, "wanted_items").missing_columns == []
    assert {row["id"]: row["retry_after"] for row in read(room, "wanted")} == {
        row["id"]: datetime(2026, 12, 1, tzinfo=UTC) if row["id"] == 2 else None
        for row in read_old(file, "wanted_items")
    }


def test_a_generated_column_is_named_as_any_other(room: Storeroom, file: Path) -> None:
    change(file, "ALTER TABLE jobs ADD COLUMN name TEXT GENERATED ALWAYS AS (upper(file_path)) VIRTUAL")
    report = room.adopt("sublarr", file)
    assert table(report, "jobs").unknown_columns == ["name"]


def test_a_virtual_table_of_a_module_that_is_not_here_is_ignored(room: Storeroom, file: Path) -> None:
    change(
        file,
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_master VALUES ('table', 'found', 'found', 0, 'CREATE VIRTUAL TABLE found USING elsewhere')",
    )
    report = room.adopt("sublarr", file)
    assert "found" in {each.table for each in report.ignored}


@pytest.mark.parametrize("name", TARGETS)
def test_a_table_that_is_missing_is_named_and_the_rest_arrives(room: Storeroom, file: Path, name: str) -> None:
    change(file, "PRAGMA foreign_keys = OFF", f"DROP TABLE {name}")
    report = room.adopt("sublarr", file)
    assert report.missing == [name]
    for other, target in TARGETS.items():
        expected = [] if other == name else [EXPECTED[other](row) for row in read_old(file, other)]
        if name == "language_profiles" and other in ("series_language_profiles", "movie_language_profiles"):
            assert table(report, other).left_out == len(expected)
            expected = []
        if other == "hook_log":
            lost = {"hook_configs": "script_id", "webhook_configs": "webhook_id"}.get(name, "")
            expected = [{**row, **({lost: None} if lost else {})} for row in expected]
        assert _by_key(other, read(room, target)) == _by_key(other, expected)


def _by_key(name: str, rows: Iterable[Row]) -> dict[Any, Row]:
    return {row[key_here(name)]: row for row in rows}
