"""A back-up is put back into the live file, in one transaction, while others have it open."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from storeroom import Storeroom
from storeroom.backups import backup, restore, restoring, write_automatic
from storeroom.errors import BackupFailed, BackupUnusable
from tests.backups.databases import change, connected, look, make, names, opened, state


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_it_is_what_the_back_up_holds_and_what_was_there_is_kept(
    file: Path, folder: Path, kept: Path, journal: str
) -> None:
    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    inode, was = file.stat().st_ino, state(file)
    bytes_before = kept.read_bytes()
    with opened(file) as database, connected(file) as other:
        assert look(other) == was
        saved = restore(database, kept)
        assert look(other) == state(kept)
        other.execute("INSERT INTO notes (mark) VALUES ('afterwards')")
        assert other.execute("PRAGMA journal_mode").fetchone() == (journal,)
    assert saved is not None
    assert state(saved) == was
    assert list(folder.glob("*.backup*")) == [saved]
    assert file.stat().st_ino == inode
    assert kept.read_bytes() == bytes_before
    assert names(kept.parent) == ["data", "kept.backup"]


def test_a_room_that_is_open_goes_on_and_sees_it(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{folder}/room.db"
    target = tmp_path / "room.backup"
    count = text("SELECT count(*) FROM notes")
    with Storeroom.open(url, allow=["notes"], upgrade=True) as room, opened(url) as database:
        with room.write() as uow:
            uow["notes"].write("kept")  # type: ignore[attr-defined]  # a name says nothing of the class
        backup(database, target)
        with room.write() as uow:
            uow["notes"].write("undone")  # type: ignore[attr-defined]  # a name says nothing of the class
        with room.read() as uow:
            assert uow.connection.execute(count).scalar() == 2
            restore(database, target)
            assert uow.connection.execute(count).scalar() == 2, "a transaction saw what was written after it began"
        with room.read() as uow:
            assert [note.text for note in uow["notes"].list()] == ["kept"]  # type: ignore[attr-defined]  # a name says nothing of the class
        with room.write() as uow:
            uow["notes"].write("afterwards")  # type: ignore[attr-defined]  # a name says nothing of the class
    with connected(folder / "room.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_an_automatic_back_up_can_be_restored_and_is_not_the_one_to_be_deleted(file: Path, folder: Path) -> None:
    with opened(file, backups=1) as database:
        old = write_automatic(database)
        assert old is not None
        was = state(file)
        change(file)
        saved = restore(database, old)
    assert state(file) == was == state(old)
    assert sorted(folder.glob("*.backup")) == [old, saved]


def test_without_automatic_back_ups_none_is_written(file: Path, folder: Path, kept: Path) -> None:
    with opened(file, backups=0) as database:
        assert restore(database, kept) is None
    assert state(file) == state(kept)
    assert not list(folder.glob("*.backup*"))


def test_an_automatic_back_up_that_cannot_be_written_keeps_it_from_happening(folder: Path, kept: Path) -> None:
    file = make(folder / ("n" * 220), "long")
    was = state(file)
    with opened(file) as database, pytest.raises(BackupFailed, match="no back-up can be written to"):
        restore(database, kept)
    assert state(file) == was


def test_a_file_that_is_not_there_is_made(folder: Path, kept: Path) -> None:
    kept.chmod(0o640)
    file = folder / "new.db"
    with opened(file) as database:
        assert restore(database, kept) is None
    assert state(file) == state(kept)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_smaller_one_and_a_larger_one(file: Path, folder: Path, tmp_path: Path) -> None:
    small, large = tmp_path / "small.db", make(tmp_path / "large.db", "large", rows=3000)
    with connected(make(small, "small")) as connection:
        connection.execute("DROP TABLE notes")
        connection.execute("CREATE TABLE notes (mark)")
    for each in (large, small, large):
        with opened(file) as database:
            restore(database, each)
        assert state(file) == state(each)


# What can't be restored


def refused(file: Path, source: Path) -> str:
    was = state(file)
    inside = names(source.parent)
    with opened(file) as database, pytest.raises(BackupUnusable) as caught:
        restore(database, source)
    assert caught.value.file == str(source)
    assert state(file) == was
    assert names(source.parent) == inside
    assert not list(file.parent.glob("*.backup*"))
    text = str(caught.value)
    assert text.startswith(repr(str(source)))
    return text.removeprefix(f"{str(source)!r} ")


def test_what_is_not_a_back_up_is_refused(file: Path, tmp_path: Path) -> None:
    source = tmp_path / "x.backup"
    assert refused(file, source) == "doesn't exist; check the path"
    assert refused(file, tmp_path) == "isn't a file; check the path"
    stranger = "isn't a back-up of a Storeroom database: it has no table 'storeroom_plugins'; check the path"
    source.touch()
    assert refused(file, source) == stranger
    source.write_bytes(b"no database at all " * 1000)
    assert refused(file, source) == "isn't a SQLite database; check the path"
    source.unlink()
    with connected(source) as connection:
        connection.execute("CREATE TABLE storeroom_plugin (x)")
    assert refused(file, source) == stranger


def test_a_damaged_one_is_refused(file: Path, tmp_path: Path) -> None:
    source = make(tmp_path / "x.backup", "x", rows=500, journal="delete")
    whole = source.read_bytes()
    source.write_bytes(whole[:40_960] + b"\xff" * 8192 + whole[49_152:])
    assert refused(file, source).startswith("is damaged: ")
    source.write_bytes(whole[: len(whole) // 2])
    assert "use another back-up" in refused(file, source)


def test_the_database_itself_is_refused(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(file)
    assert refused(file, link) == "is the database itself; name a back-up"


def test_another_page_size_is_refused_in_wal_mode(file: Path, folder: Path, tmp_path: Path) -> None:
    source = make(tmp_path / "x.backup", "x", page_size=8192, journal="delete")
    assert refused(file, source) == (
        f"has pages of 8192 bytes, and {str(file)!r} of 4096, which SQLite can't change in WAL mode; restore to a "
        "database URL whose file doesn't exist yet"
    )
    with opened(folder / "new.db") as database:
        restore(database, source)
    assert state(folder / "new.db") == state(source)
    with connected(file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with opened(file) as database:
        restore(database, source)
    assert state(file) == state(source)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///file:{}?uri=true"])
def test_what_is_not_a_file_of_its_own_cannot_be_restored(file: Path, kept: Path, url: str) -> None:
    with opened(url.format(file)) as database, pytest.raises(BackupFailed, match=r"restore to one, such as sqlite:"):
        restore(database, kept)


def test_on_postgresql_it_is_told_what_to_use(server_url: str, kept: Path) -> None:
    with opened(server_url) as database, pytest.raises(BackupFailed, match="with psql or pg_restore"):
        restore(database, kept)


# Back-ups that lie in odd places


def test_one_with_a_log_is_read_with_it(file: Path, kept: Path, tmp_path: Path) -> None:
    """As when a database that is in use was copied with its log."""
    source = tmp_path / "copies" / "x.db"
    source.parent.mkdir()
    with connected(make(source, "x")) as owner:
        owner.execute("INSERT INTO notes (mark) VALUES ('in the log')")
        with opened(file) as database:
            restore(database, source)
        assert state(file) == look(owner)
        owner.execute("INSERT INTO notes (mark) VALUES ('its owner goes on')")


def test_one_in_wal_mode_leaves_its_folder_as_it_was(file: Path, kept: Path, tmp_path: Path) -> None:
    source = tmp_path / "copies" / "x.db"
    source.parent.mkdir()
    make(source, "x")
    source.chmod(0o400)
    source.parent.chmod(0o500)
    before = source.read_bytes()
    with opened(file) as database:
        restore(database, source)
    source.parent.chmod(0o700)
    assert names(source.parent) == ["x.db"]
    assert source.read_bytes() == before
    assert state(file)[0] == state(source)[0]


def test_one_that_is_written_to_meanwhile_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "_BYTES_PER_STEP", 4096)
    source = make(tmp_path / "x.backup", "x", journal="delete", rows=500)
    os.utime(source, (1, 1))
    was = state(file)

    def write() -> bool:
        with connected(source) as connection:
            connection.execute("UPDATE notes SET mark = 'y'")
        return True

    with opened(file) as database, pytest.raises(BackupUnusable, match="was written to while it was read"):
        restore(database, source, is_free=write)
    assert state(file) == was
