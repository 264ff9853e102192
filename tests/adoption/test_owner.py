"""The real file while its owner writes to it: what is committed arrives, the file stays as it is, nobody waits."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import SourceUnreadable
from tests.adoption.expected import EXPECTED
from tests.adoption.legacy import TARGETS, copy_few, insert, key_here
from tests.adoption.legacy import read as read_old
from tests.adoption.target import count, everything, read

pytestmark = pytest.mark.dear


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    return copy_few(tmp_path / "config" / "sublarr.db")


@pytest.fixture
def owner(file: Path) -> Iterator[sqlite3.Connection]:
    """Sublarr, which has the file open with a write-ahead log."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        yield connection


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_what_is_committed_arrives_and_what_is_not_does_not(
    room: Storeroom, file: Path, owner: sqlite3.Connection
) -> None:
    owner.execute("UPDATE wanted_items SET status = 'found', error = 'in the log' WHERE id = 3")
    committed = {name: read_old(file, name) for name in TARGETS}
    owner.execute("BEGIN IMMEDIATE")
    owner.execute("DELETE FROM jobs")
    owner.execute("UPDATE wanted_items SET title = 'not yet'")
    log = file.with_name(f"{file.name}-wal")
    before = digest(file), digest(log)
    room.adopt("sublarr", file)
    assert (digest(file), digest(log)) == before
    owner.execute("COMMIT")
    for name, rows in committed.items():
        key = key_here(name)
        assert {row[key]: row for row in read(room, TARGETS[name])} == {
            row[key]: row for row in map(EXPECTED[name], rows)
        }
    assert [row["error"] for row in read(room, "wanted") if row["id"] == 3] == ["in the log"]


def test_its_owner_can_write_during_the_adoption(room: Storeroom, file: Path, owner: sqlite3.Connection) -> None:
    jobs = len(read_old(file, "jobs"))
    written: list[str] = []

    def write(table: str, _done: int, _total: int) -> None:
        owner.execute("INSERT INTO jobs (id, file_path, created_at) VALUES (?, '/x', '')", [f"during {len(written)}"])
        written.append(table)

    room.adopt("sublarr", file, progress=write)
    assert set(written) == set(TARGETS)
    assert count(room, "jobs") == jobs
    assert owner.execute("SELECT count(*) FROM jobs").fetchone() == (jobs + len(written),)


def _cut(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.truncate(file.stat().st_size // 2)


def _overwrite(file: Path) -> None:
    with file.open("r+b") as raw:
        raw.seek(5 * 4096)
        raw.write(b"\xa5" * 40_960)


def _begin_later(file: Path) -> None:
    file.write_bytes(b"\n" + file.read_bytes())


@pytest.mark.parametrize("damage", [_cut, _overwrite, _begin_later])
def test_a_damaged_file_is_one_clear_error_and_leaves_nothing(room: Storeroom, file: Path, damage: object) -> None:
    assert callable(damage)
    insert(file, "metadata_cache", *({**read_old(file, "metadata_cache")[0], "cache_key": f"{n}"} for n in range(900)))
    damage(file)
    with pytest.raises(SourceUnreadable, match=r"sublarr\.db' (is damaged|can't be read|isn't a SQLite database)"):
        room.adopt("sublarr", file)
    assert not any(everything(room).values())
