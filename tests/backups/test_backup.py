"""A back-up where one says: one state, one file, whole or not there."""

import re
import resource
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import dbapi2

import pytest

from storeroom.backups import backup
from storeroom.engine import Mode
from storeroom.errors import BackupFailed
from tests.backups.databases import connected, look, make, names, opened, state
from tests.migrations.forks import Forker


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_it_is_one_file_with_all_that_is_committed(folder: Path, tmp_path: Path, journal: str) -> None:
    file = make(folder / "app.db", "live", journal=journal)
    file.chmod(0o640)
    target = tmp_path / "copies" / "a'b ?#.backup"
    target.parent.mkdir()
    with opened(file) as database, connected(file) as writer:
        writer.execute("INSERT INTO notes (mark) VALUES ('in the log')")
        backup(database, target)
        assert look(writer) == state(target)
    assert names(target.parent) == [target.name]
    assert target.read_bytes()[18:20] == b"\1\1", "it would make a log wherever it is opened"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    with closing(sqlite3.connect(f"{target.as_uri()}?immutable=1", uri=True)) as alone:
        assert look(alone) == state(file)


def test_it_is_one_state_while_others_write(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two pages a stranger commits."""
    file = make(folder / "app.db", "live", rows=800)
    before = state(file)
    usual: Callable[..., sqlite3.Connection] = dbapi2.connect
    with connected(file) as writer:
        writer.execute("PRAGMA synchronous=OFF")

        class Raced(sqlite3.Connection):
            def backup(self, target: sqlite3.Connection, **options: object) -> None:
                super().backup(target, pages=1, progress=lambda *_: change_rows(writer))

        monkeypatch.setattr(dbapi2, "connect", lambda *args, **options: usual(*args, factory=Raced, **options))
        with opened(file) as database:
            backup(database, tmp_path / "app.backup")
        assert writer.execute("SELECT count(*) > 50 FROM notes WHERE mark = 'moved'").fetchone() == (1,)
    assert state(tmp_path / "app.backup") == before


def change_rows(writer: sqlite3.Connection) -> None:
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM notes WHERE id = (SELECT min(id) FROM notes)")
    writer.execute("INSERT INTO notes (mark, body) VALUES ('moved', hex(zeroblob(200)))")
    writer.execute("COMMIT")


def test_a_database_in_memory_can_be_kept(tmp_path: Path) -> None:
    target = tmp_path / "memory.backup"
    with opened("sqlite://") as database:
        transaction = database.begin(Mode.WRITE)
        transaction.runner.driver.execute("CREATE TABLE mine AS SELECT 1 AS x")
        transaction.commit()
        backup(database, target)
    with connected(target) as copy:
        assert copy.execute("SELECT x FROM mine").fetchall() == [(1,)]
    assert names(tmp_path) == ["memory.backup"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def refused(url: str | Path, target: Path) -> str:
    with opened(url) as database, pytest.raises(BackupFailed) as caught:
        backup(database, target)
    assert caught.value.file == str(target)
    return str(caught.value)


def test_it_replaces_nothing(file: Path, folder: Path) -> None:
    target = folder / "app.backup"
    target.write_text("precious")
    assert (
        refused(file, target) == f"{str(target)!r} exists already, and a back-up replaces nothing; choose another name"
    )
    assert target.read_text() == "precious"
    link = folder / "link"
    link.symlink_to(folder / "nowhere")
    assert "choose another name" in refused(file, link)
    same = folder / "same.db"
    same.symlink_to(file)
    for each in (file, same):
        assert refused(file, each) == f"{str(each)!r} is the database itself; choose another name"


def test_a_folder_that_is_not_there_is_told(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "app.backup"
    assert refused(file, target) == f"the folder {str(target.parent)!r} doesn't exist; create it first"


def test_what_another_process_is_writing_is_left_to_it(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "app.backup"
    part = tmp_path / "app.backup.part"
    part.write_text("half")
    assert refused(file, target).endswith("wait for it, or delete that file")
    assert part.read_text() == "half"


def test_a_database_that_is_not_there_is_not_made(folder: Path, tmp_path: Path) -> None:
    text = refused(folder / "new.db", tmp_path / "new.backup")
    assert text == f"the database file {str(folder / 'new.db')!r} doesn't exist; check the path in the URL"
    assert names(folder) == []


def test_on_postgresql_the_command_is_told(server_url: str, tmp_path: Path) -> None:
    assert re.search(
        "isn't a SQLite file; use pg_dump: pg_dump '?--dbname=postgresql://", refused(server_url, tmp_path / "x")
    )


def spoil(method: Callable[[sqlite3.Connection], None]) -> type[sqlite3.Connection]:
    """A connection that spoils what it has copied, as a disk might."""

    class Spoiling(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            if sql == "PRAGMA journal_mode=DELETE":
                method(self)
            return super().execute(sql, *rest)  # type: ignore[arg-type]  # passed on as they come

    return Spoiling


def lose_a_row(copy: sqlite3.Connection) -> None:
    copy.execute("DELETE FROM notes WHERE id = 1")


def lose_a_table(copy: sqlite3.Connection) -> None:
    copy.execute("DROP TABLE only_live")


def lose_an_entry(copy: sqlite3.Connection) -> None:
    copy.execute("PRAGMA writable_schema=ON")
    ((sql,),) = copy.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_notes_mark'").fetchall()
    copy.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX ix_notes_mark ON notes (body)' WHERE sql = ?", [sql])


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        (lose_a_row, "'notes' has 2 instead of 3"),
        (lose_a_table, "'only_live' has gone instead of 0"),
        (lose_an_entry, "index ix_notes_mark"),
    ],
)
def test_a_copy_that_is_not_the_same_is_deleted(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: Callable[[sqlite3.Connection], None],
    problem: str,
) -> None:
    usual: Callable[..., sqlite3.Connection] = sqlite3.connect
    with opened(file) as database:
        with database.reading():  # whose connection stays a usual one
            pass
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: usual(*args, factory=spoil(method), **options))
        with pytest.raises(BackupFailed, match="isn't good, and was deleted") as caught:
            backup(database, tmp_path / "app.backup")
    assert problem in str(caught.value)
    assert names(tmp_path) == ["data"]


def back_up_with_little_space(file: str, target: str) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    return refused(Path(file), Path(target))


def test_a_full_disk_is_told_and_nothing_is_left(folder: Path, tmp_path: Path, forker: Forker) -> None:
    file = make(folder / "app.db", "live", rows=1000)
    (told,) = forker.at_once(folder, back_up_with_little_space, [[str(file), str(tmp_path / "app.backup")]])
    assert told.startswith(f"no back-up can be written to {str(tmp_path / 'app.backup')!r}: ")
    assert told.endswith("; free some space, or see that its folder can be written to")
    assert names(tmp_path) == ["data"]


def test_a_virtual_table_of_a_module_that_is_not_here_is_no_obstacle(file: Path, tmp_path: Path) -> None:
    with connected(file) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES "
            "('table', 'strange', 'strange', 0, 'CREATE VIRTUAL TABLE strange USING nowhere(x)')"
        )
    with opened(file) as database:
        backup(database, tmp_path / "app.backup")
    with connected(tmp_path / "app.backup") as copy:
        assert copy.execute("SELECT name FROM sqlite_master WHERE name = 'strange'").fetchall() == [("strange",)]
