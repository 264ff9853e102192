"""`storeroom adopt sublarr`: the report for people and as JSON, and a dry run that writes nothing."""

import re
from pathlib import Path

import pytest

from storeroom import Storeroom
from tests.adoption.legacy import HOMELESS, REAL, TARGETS, change, copy_few, insert
from tests.adoption.legacy import read as read_old
from tests.adoption.target import PLUGINS, count, everything
from tests.cli.conftest import Cli, cli

pytestmark = pytest.mark.dear

__all__ = ["cli"]


@pytest.fixture(autouse=True)
def environment(adoption_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_URL", adoption_url)
    monkeypatch.setenv("STOREROOM_ALLOW", ",".join(PLUGINS))
    monkeypatch.setenv("COLUMNS", "400")


def test_a_dry_run_writes_nothing_and_tells_what_would_be(room: Storeroom, cli: Cli) -> None:
    dry = cli("adopt", "sublarr", str(REAL), "--dry-run", "--json")
    assert dry.code == 0, dry.err
    assert not any(everything(room).values())
    assert count(room, "storeroom_adoptions") == 0
    wet = cli("adopt", "sublarr", str(REAL), "--json")
    assert (dry.json["dry_run"], wet.json["dry_run"]) == (True, False)
    assert {**dry.json, "dry_run": False} == wet.json
    tables = [each for each in wet.json["tables"] if each["target"] != "profiles_default"]
    assert {each["table"]: (each["read"], each["written"]) for each in tables} == {
        name: (len(read_old(REAL, name)),) * 2 for name in TARGETS
    }
    assert {each["table"]: each["rows"] for each in wet.json["ignored"]} == HOMELESS
    assert {note["key"] for each in tables if each["table"] == "jobs" for note in each["notes"]} == {
        row["id"] for row in read_old(REAL, "jobs") if row["status"] == "running" or row["stats_json"] == "{broken"
    }


def test_people_read_what_became_of_each_table(room: Storeroom, cli: Cli, tmp_path: Path) -> None:
    file = copy_few(tmp_path / "few.db", "ALTER TABLE jobs ADD COLUMN later", "DROP TABLE daily_stats")
    told = cli("adopt", "sublarr", str(file), "--dry-run")
    assert told.code == 0, told.err
    assert "row(s) would be written" in told.out
    assert "the file has no daily_stats" in told.out
    assert "jobs: nobody knows the columns later; they were left" in told.out
    assert "blacklist_entries: no plugin here takes its 12 row(s)" in told.out
    assert not any(everything(room).values())
    done = cli("adopt", "sublarr", str(file))
    assert done.code == 0, done.err
    assert f"{sum(count(room, name) for name in TARGETS.values()) + 1:,} row(s) written" in done.out


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_keys_that_no_terminal_shows_are_told_as_well(
    room: Storeroom, cli: Cli, tmp_path: Path, form: list[str]
) -> None:
    file = copy_few(tmp_path / "few.db")
    insert(file, "jobs", {"id": "a\0b\x1b[31m\nc", "file_path": "/a", "created_at": ""})
    change(file, "INSERT INTO jobs (id, file_path, created_at) VALUES (CAST(X'C3286A' AS TEXT), '/a', '')")
    told = cli("adopt", "sublarr", str(file), *form)
    assert told.code == 0, told.err
    assert len(re.findall('left out[:"]', told.out)) == 2
    # Neither colours nor ends of lines of others' making.
    assert "\x1b[31m" not in told.out
    assert "\\nc" in told.out
    assert count(room, "jobs") == len(read_old(file, "jobs")) - 2


def test_what_is_wrong_with_a_file_is_one_line(room: Storeroom, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("no database")
    for words in (("sublarr", str(tmp_path / "no.db")), ("sublarr", str(tmp_path / "none.db")), ("other", str(REAL))):
        told = cli("adopt", *words)
        assert told.code != 0
        assert len(told.err.strip().splitlines()) <= 2
        assert "Traceback" not in told.err
    assert not any(everything(room).values())
