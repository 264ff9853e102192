"""A process that is killed while it restores leaves what was there before, or what was restored, never a mixture."""

from itertools import count
from pathlib import Path

import pytest

from storeroom.backups import backup, restore, write_automatic
from tests.backups.databases import connected, make, opened, state
from tests.backups.processes import reading, restore_for, restore_until
from tests.migrations.forks import KILLED, Forker

ALARM = -14

pytestmark = pytest.mark.dear


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A back-up that is larger than SQLite's cache, so that pages are written before the commit."""
    with opened(make(tmp_path / "large.db", "large", rows=8000)) as database:
        backup(database, tmp_path / "large.backup")
    return tmp_path / "large.backup"


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_at_each_step(file: Path, folder: Path, large: Path, forker: Forker, journal: str) -> None:
    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    before, after = state(file), state(large)
    old = folder.parent / "old.backup"
    with opened(file) as database:
        backup(database, old)
    seen = []
    with reading(file) as reader:
        assert reader.look() == before
        for moment in count():
            if journal == "wal":  # without a log a reader's transaction keeps it out
                assert reader.begin() == before
            (outcome,) = forker.at_once(folder, restore_until, [[str(file), str(large), moment, 150]])
            if journal == "wal":
                assert reader.end() == before
            now = reader.look()
            assert now == state(file)
            assert now in (before, after), f"killed at moment {moment}"
            seen.append(now)
            if outcome != KILLED:
                break
            put_back(file, old)
            assert reader.look() == before
    assert outcome == [moment]
    assert seen[-1] == after
    assert seen.index(after) == len(seen) - 3, "the commit comes with the last step"
    assert len(seen) >= 10
    check_leavings(file)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_at_any_time(file: Path, folder: Path, large: Path, forker: Forker, journal: str) -> None:
    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    before, after = state(file), state(large)
    old = folder.parent / "old.backup"
    with opened(file) as database:
        backup(database, old)
    for milliseconds in count(1, 2):
        (outcome,) = forker.at_once(folder, restore_for, [[str(file), str(large), milliseconds * 1000]])
        now = state(file)
        assert now in (before, after), f"ended after {milliseconds} ms"
        if outcome != ALARM:
            break
        put_back(file, old)
    assert outcome == []
    assert now == after
    assert milliseconds > 10
    check_leavings(file)


def put_back(file: Path, old: Path) -> None:
    with opened(file, backups=0) as database:
        restore(database, old)


def check_leavings(file: Path) -> None:
    """What those who were killed left is tidied by the next; each back-up that has its name is whole."""
    with opened(file) as database:
        write_automatic(database)
    assert not list(file.parent.glob("*.part*"))
    written = list(file.parent.glob("*.backup"))
    assert len(written) == 3
    for each in written:
        state(each)


def test_a_new_file_is_empty_or_whole(folder: Path, large: Path, forker: Forker) -> None:
    file = folder / "new.db"
    after = state(large)
    for moment in count():
        (outcome,) = forker.at_once(folder, restore_until, [[str(file), str(large), moment, 200]])
        with connected(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        assert is_empty or state(file) == after
        if outcome != KILLED:
            break
        file.unlink()
    assert not is_empty
