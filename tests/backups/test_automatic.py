"""The automatic back-up: beside the file, under the lock of who asks for it, the newest few kept."""

import re
import resource
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from storeroom.backups import write_automatic
from storeroom.errors import BackupFailed
from tests.backups.databases import connected, look, make, names, opened, state
from tests.migrations.forks import Forker

NAME = re.compile(r"app\.db\.[0-9]{8}T[0-9]{12}Z\.backup")


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_it_holds_what_is_committed_while_another_connection_has_the_lock(folder: Path, journal: str) -> None:
    file = make(folder / "app.db", "live", journal=journal)
    before = state(file)
    with opened(file) as database, connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        holder.execute("DELETE FROM notes")
        written = write_automatic(database)
        assert holder.in_transaction
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            try_to_write(str(file))
        holder.execute("ROLLBACK")
    assert written is not None
    assert written.parent == folder
    assert NAME.fullmatch(written.name)
    assert state(written) == before == state(file)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_the_lock_of_the_process_outlives_it(folder: Path, forker: Forker, tmp_path: Path, journal: str) -> None:
    """Closing a descriptor of the file, other than through SQLite, would give the process's locks away."""
    file = make(folder / "app.db", "live", journal=journal)
    with opened(file) as database, connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        write_automatic(database)
        (outcome,) = forker.at_once(tmp_path, try_to_write, [[str(file)]])
    assert outcome == "OperationalError: database is locked"


def try_to_write(file: str) -> None:
    with connected(Path(file)) as connection:
        connection.execute("PRAGMA busy_timeout=0")
        connection.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize("keep", [1, 3])
def test_the_newest_are_kept(file: Path, folder: Path, keep: int) -> None:
    with opened(file, backups=keep) as database:
        written = [write_automatic(database) for _ in range(5)]
    assert sorted(folder.glob("*.backup")) == written[-keep:]


def test_the_new_one_is_kept_though_the_clock_was_put_back(file: Path, folder: Path) -> None:
    later = [folder / f"app.db.29990101T00000000000{digit}Z.backup" for digit in range(3)]
    for each in later:
        each.touch()
    with opened(file) as database:
        written = write_automatic(database)
    assert sorted(folder.glob("*.backup")) == [written, *later[1:]]


def test_only_its_own_are_deleted(file: Path, folder: Path) -> None:
    strangers = [
        "app.db.backup",
        "app.db.20200101T000000000000Z.backup.gz",
        "app.db.20200101T000000Z.backup",
        "app.db.\u0662\u0660200101T000000000000Z.backup",
        "appXdb.20200101T000000000000Z.backup",
        "other.app.db.20200101T000000000000Z.backup",
        "app.db.part",
        "app.db.mine.part",
    ]
    for name in [*strangers, "app.db.20200101T000000000000Z.backup", "app.db.20200101T000000000001Z.backup.part"]:
        (folder / name).touch()
    with opened(file, backups=1) as database:
        written = write_automatic(database)
    assert written is not None
    with connected(file):
        assert set(names(folder)) - {"app.db-wal", "app.db-shm"} == {"app.db", written.name, *strangers}


def test_none_are_written_nor_deleted_with_a_setting_of_0(file: Path, folder: Path) -> None:
    old = folder / "app.db.20200101T000000000000Z.backup"
    old.touch()
    with opened(file, backups=0) as database:
        assert write_automatic(database) is None
    assert old.exists()
    assert list(folder.glob("*.backup")) == [old]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///file:{}?uri=true"])
def test_where_there_is_no_file_of_its_own_none_is_written(file: Path, folder: Path, url: str) -> None:
    with opened(url.format(file)) as database:
        assert write_automatic(database) is None
    assert not list(folder.glob("*.backup*"))


def test_on_postgresql_none_is_written(server_url: str) -> None:
    with opened(server_url) as database:
        assert write_automatic(database) is None


def test_of_an_empty_database_none_is_written(folder: Path) -> None:
    with opened(folder / "new.db") as database:
        assert write_automatic(database) is None
        assert names(folder) == []
        with database.reading():
            assert write_automatic(database) is None
    assert names(folder) == ["new.db"]


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o664])
def test_it_is_no_more_readable_than_the_database_from_the_beginning(
    file: Path, folder: Path, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.chmod(bits)
    seen: list[int] = []

    class Watching(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            seen.extend(stat.S_IMODE(part.stat().st_mode) for part in folder.glob("*.part"))
            return super().execute(sql, *rest)  # type: ignore[arg-type]  # passed on as they come

    usual: Callable[..., sqlite3.Connection] = sqlite3.connect
    with opened(file) as database:
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: usual(*args, factory=Watching, **options))
        written = write_automatic(database)
    assert written is not None
    assert seen == [bits]
    assert stat.S_IMODE(written.stat().st_mode) == bits


@pytest.mark.parametrize("name", ["a'b\"c.db", "a b%20?#.db", "ä;--.db"])
def test_any_name_of_a_file_will_do(folder: Path, name: str) -> None:
    file = make(folder / name, "live")
    with opened(file) as database:
        written = write_automatic(database)
    assert written is not None
    assert written.name.startswith(f"{name}.2")
    assert state(written) == state(file)


def test_a_name_that_is_too_long_is_told(folder: Path) -> None:
    file = make(folder / ("n" * 220), "live")
    with opened(file) as database, pytest.raises(BackupFailed) as caught:
        write_automatic(database)
    assert "File name too long; free some space" in str(caught.value)
    assert str(caught.value).endswith("--no-backup or STOREROOM_BACKUPS=0")
    assert names(folder) == [file.name]


def write_with_little_space(file: str, limit: int) -> list[str]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with opened(Path(file)) as database:
        try:
            write_automatic(database)
        except BackupFailed as error:
            return [str(error), error.file]
    return []


def test_a_full_disk_is_told_and_nothing_is_left(folder: Path, forker: Forker) -> None:
    file = make(folder / "app.db", "live", rows=1000)
    before = state(file)
    ((text, target),) = forker.at_once(folder, write_with_little_space, [[str(file), 100_000]])
    assert NAME.fullmatch(Path(target).name)
    assert text.startswith(f"no back-up can be written to {target!r}: ")
    assert text.endswith(
        "; free some space, see that the folder can be written to, or go without one by "
        "--no-backup or STOREROOM_BACKUPS=0"
    )
    assert names(folder) == ["app.db"]
    assert state(file) == before


def test_others_read_meanwhile(file: Path) -> None:
    with opened(file) as database, connected(file) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM notes").fetchone()
        written = write_automatic(database)
        reader.execute("COMMIT")
        assert written is not None
        assert look(reader) == state(written)
