"""A restore takes its turn: it waits for whoever writes, and others wait for it, or write right after it."""

import logging
import resource
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from storeroom.backups import restore, restoring
from storeroom.errors import BackupFailed, MigrationLockTimeout
from tests.backups.databases import connected, look, make, names, opened, state
from tests.migrations.forks import Forker


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_it_waits_no_longer_than_it_may(file: Path, folder: Path, kept: Path, journal: str) -> None:
    with connected(file) as holder, opened(file, migration_lock_timeout=0.3) as database:
        holder.execute(f"PRAGMA journal_mode={journal}")
        was = state(file)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(MigrationLockTimeout) as caught:
            restore(database, kept)
        holder.execute("ROLLBACK")
    assert str(caught.value) == (
        f"another process held the write lock of sqlite:///{file} for 0.3 s; wait for it and try again, or raise "
        "STOREROOM_MIGRATION_LOCK_TIMEOUT"
    )
    assert state(file) == was
    assert not list(folder.glob("*.backup*"))


def test_without_a_log_a_reader_keeps_it_out(file: Path, folder: Path, kept: Path) -> None:
    with connected(file) as reader, opened(file, migration_lock_timeout=0.3) as database:
        reader.execute("PRAGMA journal_mode=DELETE")
        reader.execute("BEGIN")
        was = look(reader)
        with pytest.raises(MigrationLockTimeout):
            restore(database, kept)
        reader.execute("COMMIT")
        assert look(reader) == was
        assert not list(folder.glob("*.backup*"))
        restore(database, kept)
        assert look(reader) == state(kept)


def test_it_goes_on_when_the_writer_is_done(file: Path, kept: Path) -> None:
    waiting = threading.Event()

    class Holder(threading.Thread):
        def run(self) -> None:
            with connected(file) as holder:
                holder.execute("BEGIN IMMEDIATE")
                held.set()
                holder.execute("INSERT INTO notes (mark) VALUES ('committed before')")
                waiting.wait(10)
                holder.execute("COMMIT")

    def is_free() -> bool:
        with connected(file) as reader:
            seen.append(reader.execute("SELECT count(*) FROM notes WHERE mark = 'committed before'").fetchone()[0])
        return True

    seen: list[int] = []
    held = threading.Event()
    thread = Holder()
    thread.start()
    held.wait(10)
    with opened(file) as database:
        timer = threading.Timer(0.3, waiting.set)
        timer.start()
        saved = restore(database, kept, is_free=is_free)
    thread.join()
    assert seen == [1]
    assert saved is not None
    with connected(saved) as before:
        assert before.execute("SELECT count(*) FROM notes WHERE mark = 'committed before'").fetchone() == (1,)
    assert state(file) == state(kept)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_step_of_a_migration_that_is_no_transaction_goes_first(
    file: Path, folder: Path, kept: Path, journal: str
) -> None:
    """Its lock is its own affair; that it is asked for happens under the write lock, which is given back then."""
    answers = iter([False, False, True])
    asked = []

    def is_free() -> bool:
        with connected(file) as other:
            other.execute("PRAGMA busy_timeout=0")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        asked.append(True)
        return next(answers)

    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    with opened(file) as database:
        saved = restore(database, kept, is_free=is_free)
    assert len(asked) == 3
    assert list(folder.glob("*.backup*")) == [saved]
    assert state(file) == state(kept)
    with opened(file, migration_lock_timeout=0) as database, pytest.raises(MigrationLockTimeout):
        restore(database, kept, is_free=lambda: False)


def test_nobody_writes_between_the_automatic_back_up_and_the_restore(
    file: Path, folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a log the lock is given back between them for a moment, and what was written then isn't lost."""
    usual: Callable[..., sqlite3.Connection] = sqlite3.connect
    left = [1]

    class Late(sqlite3.Connection):
        def backup(self, *args: object, **options: object) -> None:
            if left:
                left.pop()
                with connected(file) as writer:
                    writer.execute("INSERT INTO notes (mark) VALUES ('late')")
            super().backup(*args, **options)  # type: ignore[arg-type]  # passed on as they come

    with connected(file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with opened(file) as database:
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: usual(*args, **{"factory": Late, **options}))
        saved = restore(database, kept)
    assert saved is not None
    assert list(folder.glob("*.backup*")) == [saved]
    with connected(saved) as before:
        assert before.execute("SELECT count(*) FROM notes WHERE mark = 'late'").fetchone() == (1,)
    assert state(file) == state(kept)


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_who_writes_right_after_it_is_no_failure(
    file: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, journal: str
) -> None:
    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    after_copy(monkeypatch, file, "INSERT INTO notes (mark) VALUES ('right after')")
    with caplog.at_level(logging.INFO, "storeroom.backups"), opened(file) as database:
        restore(database, kept)
    assert "others have written since the back-up was restored: 'notes' has 4 instead of 3" in caplog.text
    with connected(file) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (4,)


def test_what_is_not_as_the_back_up_is_told(file: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is lost without anyone having written."""
    monkeypatch.setattr(restoring, "contents", lambda _connection: {"notes": 2})
    with opened(file) as database, pytest.raises(BackupFailed, match="isn't as the back-up") as caught:
        restore(database, kept)
    assert "'notes' has 2 instead of 3" in str(caught.value)
    assert str(caught.value).endswith(".backup', which holds what was there before")


def after_copy(monkeypatch: pytest.MonkeyPatch, file: Path, statement: str) -> None:
    """Have a stranger write to a file in the moment after the pages were copied into it."""
    usual: Callable[..., sqlite3.Connection] = sqlite3.connect

    class Raced(sqlite3.Connection):
        def backup(self, *args: object, **options: object) -> None:
            super().backup(*args, **options)  # type: ignore[arg-type]  # passed on as they come
            with connected(file) as writer:
                writer.execute(statement)

    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: usual(*args, **{"factory": Raced, **options}))


def restore_at_once(file: str, source: str) -> str:
    with opened(Path(file)) as database:
        return str(restore(database, Path(source)))


def test_many_at_once_take_turns(file: Path, folder: Path, kept: Path, tmp_path: Path, forker: Forker) -> None:
    sources = [kept, *(make(tmp_path / f"{mark}.db", mark, rows=400) for mark in "abc")]
    states = [state(source) for source in sources]
    outcomes = forker.at_once(folder, restore_at_once, [[str(file), str(source)] for source in sources * 2])
    assert all(outcome.endswith(".backup") for outcome in outcomes)
    assert state(file) in states
    backups = sorted(folder.glob("*.backup"))
    assert [str(each) for each in backups] == sorted(outcomes)[-3:]
    assert all(state(each) in states for each in backups)


def restore_with_little_space(file: str, source: str, limit: int) -> str:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with opened(Path(file)) as database:
        try:
            restore(database, Path(source))
        except BackupFailed as error:
            return str(error)
    return "restored"


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_full_disk_changes_nothing(file: Path, folder: Path, tmp_path: Path, forker: Forker, journal: str) -> None:
    source = make(tmp_path / "large.db", "large", rows=3000)
    with connected(file) as connection:
        connection.execute(f"PRAGMA journal_mode={journal}")
    was = state(file)
    (told,) = forker.at_once(folder, restore_with_little_space, [[str(file), str(source), 200_000]])
    assert told.startswith(f"nothing was restored to {str(file)!r}: ")
    assert "; free some space" in told
    assert state(file) == was
    assert names(folder) == ["app.db"]
