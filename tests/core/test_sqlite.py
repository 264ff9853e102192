"""How SQLite's connections are set up, what its limits do, and which files can't be opened."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from storeroom import Settings, Statement, Storeroom
from storeroom.engine import sqlite as sqlite_backend
from storeroom.errors import (
    Busy,
    ConfigurationError,
    DatabaseUnavailable,
    Duplicate,
    MigrationLockTimeout,
    ReadOnly,
    SchemaOutOfDate,
    Timeout,
    TransactionEnded,
)
from tests.core.tables import bank, checked_out, engine_of, open_account, open_room, owners

ENDLESS = Statement(
    text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0")
)
SELECT_ONE = Statement(text("SELECT 1"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bank.db"


@pytest.fixture
def make_room(file: Path) -> Iterator[Callable[..., Storeroom]]:
    rooms: list[Storeroom] = []

    def make(**settings: Any) -> Storeroom:
        rooms.append(open_room(f"sqlite:///{file}", settings=Settings(**settings)))
        bank.create_all(engine_of(rooms[-1]))
        return rooms[-1]

    yield make
    for room in rooms:
        assert checked_out(room) == 0
        room.close()


def pragmas(room: Storeroom, *names: str) -> dict[str, Any]:
    fairy = engine_of(room).raw_connection()
    with closing(fairy):
        driver = fairy.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


@pytest.mark.parametrize(("synchronous", "level"), [("NORMAL", 1), ("FULL", 2)])
def test_connections_are_durable_strict_and_patient(
    make_room: Callable[..., Storeroom], synchronous: str, level: int
) -> None:
    room = make_room(synchronous=synchronous, busy_timeout=1.5)
    expected = {
        "journal_mode": "wal",
        "synchronous": level,
        "foreign_keys": 1,
        "busy_timeout": 1500,
        "journal_size_limit": 64 * 1024 * 1024,
        "query_only": 0,
    }
    assert pragmas(room, *expected) == expected
    assert room.run(lambda uow: uow.statements) == 0
    assert owners(room) == []
    assert pragmas(room, *expected) == expected  # also after a migration, a write and a read


def test_a_small_transaction_runs_no_needless_statements(make_room: Callable[..., Storeroom]) -> None:
    room = make_room(pool_size=1)
    sent: list[str] = []

    def trace(driver: sqlite3.Connection, _record: object, _proxy: object) -> None:
        driver.set_trace_callback(sent.append)

    event.listen(engine_of(room), "checkout", trace, insert=True)
    room.run(SELECT_ONE.all)
    assert sent == ["BEGIN IMMEDIATE", "SELECT 1", "COMMIT"]
    sent.clear()
    with room.read() as uow:
        SELECT_ONE.all(uow)
    assert sent == ["PRAGMA query_only=ON", "BEGIN", "SELECT 1", "COMMIT", "PRAGMA query_only=OFF"]


def test_a_statement_that_takes_too_long_is_stopped(make_room: Callable[..., Storeroom]) -> None:
    room = make_room(statement_timeout=0.05)
    started = time.monotonic()
    with pytest.raises(Timeout, match="raise STOREROOM_STATEMENT_TIMEOUT") as caught:
        room.run(ENDLESS.all)
    assert time.monotonic() - started < 5  # and not by the test's own limit, which SQLite reports the same way
    assert caught.value.code == "SQLITE_INTERRUPT"
    room.run(lambda uow: open_account(uow, "ada"))
    assert owners(room) == ["ada"]


def test_the_limit_is_each_statements_own(make_room: Callable[..., Storeroom]) -> None:
    room = make_room(statement_timeout=0)
    limited = Statement(
        text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n")
    )
    with room.read() as uow:
        assert limited.scalar(uow) == 200000  # 0 is no limit


def test_a_write_that_was_stopped_has_ended_the_transaction(make_room: Callable[..., Storeroom]) -> None:
    # SQLite rolls the whole transaction back when it interrupts a write, with all savepoints.
    room = make_room(statement_timeout=0.05)
    endless_write = Statement(
        text(f"INSERT INTO bank_accounts (owner, branch, balance) SELECT 'x', 'y', count(*) FROM ({ENDLESS.construct})")
    )

    def work(uow: Any) -> None:
        open_account(uow, "ada")
        with pytest.raises(Timeout), uow.savepoint():
            endless_write.affected(uow)
        open_account(uow, "bob")

    with pytest.raises(TransactionEnded):
        room.run(work)
    assert owners(room) == []


def test_a_lock_that_is_not_to_be_had_is_waited_for_and_told(file: Path, make_room: Callable[..., Storeroom]) -> None:
    room = make_room(busy_timeout=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match=r"another transaction holds the lock.*run the transaction again") as caught:
            room.run(SELECT_ONE.all, attempts=2)
        assert caught.value.code == "SQLITE_BUSY"
        assert owners(room) == []  # reading needs no lock


def test_an_expression_index_is_named_although_it_has_no_columns(make_room: Callable[..., Storeroom]) -> None:
    room = make_room()
    room.run(
        lambda uow: uow.connection.execute(text("CREATE UNIQUE INDEX lower_owner ON bank_accounts (lower(owner))"))
    )
    room.run(lambda uow: open_account(uow, "ada"))
    with pytest.raises(Duplicate) as caught:
        room.run(lambda uow: open_account(uow, "ADA"))
    assert (caught.value.constraint, tuple(caught.value.columns)) == ("lower_owner", ())


def test_a_file_in_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="doesn't exist; create it first") as caught:
        open_room(f"sqlite:///{tmp_path}/missing/bank.db")
    assert f"{tmp_path}/missing" in str(caught.value)
    assert not (tmp_path / "missing").exists()


def test_what_is_not_a_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("This is a text of more than sixteen letters.\n" * 100)
    (tmp_path / "folder.db").mkdir()
    for name, code, says in (
        ("text.db", "SQLITE_NOTADB", "is another kind of file, or is encrypted; correct the path"),
        ("folder.db", "SQLITE_CANTOPEN", "is a directory; name a file in it"),
    ):
        with pytest.raises(DatabaseUnavailable, match=says) as caught:
            open_room(f"sqlite:///{tmp_path}/{name}")
        assert caught.value.code is not None
        assert caught.value.code.startswith(code)


@pytest.mark.parametrize("option", ["mode=ro", "immutable=1"])
def test_a_database_that_is_read_only_can_be_read(file: Path, make_room: Callable[..., Storeroom], option: str) -> None:
    room = make_room()
    room.run(lambda uow: open_account(uow, "ada"))
    room.close()  # which folds the log into the file
    with Storeroom.open(f"sqlite:///file:{file}?{option}&uri=true", discover=False) as read_only:
        assert owners(read_only) == ["ada"]
        with pytest.raises(ReadOnly, match="let this user write to the database: on SQLite to its file and its folder"):
            read_only.run(lambda uow: open_account(uow, "bob"))


def test_a_file_in_its_old_journal_mode_that_is_read_only_can_be_read(
    file: Path, make_room: Callable[..., Storeroom]
) -> None:
    make_room().close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
    with Storeroom.open(f"sqlite:///file:{file}?mode=ro&uri=true", discover=False) as read_only:
        assert owners(read_only) == []
        assert pragmas(read_only, "journal_mode") == {"journal_mode": "delete"}


def test_switching_to_the_log_waits_no_longer_than_for_any_lock(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Busy):
            open_room(f"sqlite:///{file}", settings=Settings(busy_timeout=0.05))


def test_a_library_that_is_too_old_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_backend, "OLDEST_VERSION", (99, 1))
    with pytest.raises(ConfigurationError, match=r"is too old; Storeroom needs 99\.1 or newer"):
        open_room(f"sqlite:///{file}")


def test_closing_a_room_closes_its_file(file: Path, make_room: Callable[..., Storeroom]) -> None:
    room = make_room()
    room.run(lambda uow: open_account(uow, "ada"))
    assert (file.parent / "bank.db-wal").exists()
    room.close()
    assert not (file.parent / "bank.db-wal").exists()  # the last connection removes it


def test_a_file_in_its_old_journal_mode_is_read_while_it_is_written(file: Path) -> None:
    """The switch to write-ahead mode can't be had then, and is left to a later connection."""
    settings = Settings(busy_timeout=0.01, migration_lock_timeout=0.02)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE t (a)")
        writer.execute("BEGIN IMMEDIATE")
        for upgrade, refusal in ((False, SchemaOutOfDate), (True, MigrationLockTimeout)):
            with pytest.raises(refusal):
                Storeroom.open(f"sqlite:///{file}", discover=False, upgrade=upgrade, settings=settings)
