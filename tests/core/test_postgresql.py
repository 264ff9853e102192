"""What only a server can do: lose connections, find deadlocks, wait for locks, and count round trips."""

import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Connection, create_engine, event, make_url, text, update

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom.engine import postgresql
from storeroom.errors import (
    Busy,
    ConfigurationError,
    ConnectionLost,
    DatabaseUnavailable,
    Duplicate,
    OutcomeUnknown,
    SerializationConflict,
    Timeout,
    TransactionEnded,
)
from storeroom.testing import Server
from tests.core.tables import OWNERS, accounts, bank, checked_out, engine_of, open_account, open_room, owners

SETTING = Statement(text("SELECT current_setting(:name)"))
SELECT_TWO = Statement(text("SELECT 2"))
SLEEP = Statement(text("SELECT pg_sleep(60)"))
SET_FIRST = Statement(update(accounts).where(accounts.c.id == 1).values(balance=1))
SET_SECOND = Statement(update(accounts).where(accounts.c.id == 2).values(balance=1))


@pytest.fixture(scope="session")
def banks() -> Iterator[dict[Server, str]]:
    """The bank's database of each server, made when it is first asked for."""
    made: dict[Server, str] = {}
    yield made
    for server, url in made.items():
        server.drop_database(url)


@pytest.fixture
def database(server: Server, banks: dict[Server, str]) -> str:
    """The URL of the bank's database, with empty tables."""
    if server not in banks:
        banks[server] = server.create_database()
        with open_room(banks[server]) as room:
            bank.create_all(engine_of(room))
    with psycopg.connect(banks[server].replace("+psycopg", "")) as connection:
        connection.execute("TRUNCATE bank_accounts, bank_entries")
    return banks[server]


@pytest.fixture
def room(database: str) -> Iterator[Storeroom]:
    with open_room(database, settings=Settings(lock_timeout=0.1, pool_size=2)) as room:
        yield room
        assert checked_out(room) == 0


def outside(room: Storeroom, statement: str) -> None:
    """Run a statement as somebody else on the same server, committed at once."""
    url = engine_of(room).url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def kill_all(room: Storeroom, *_arguments: object) -> None:
    """Terminate every other connection to the room's database, and see that they are gone."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    outside(room, f"SELECT count(pg_terminate_backend(pid, 5000)) {others}")


def test_stale_connections_are_replaced_without_a_word(room: Storeroom) -> None:
    with room.read(), room.write() as uow:  # so that the pool holds two
        open_account(uow, "ada")
    kill_all(room)
    room.run(lambda uow: open_account(uow, "bob"), attempts=1)
    kill_all(room)
    assert owners(room) == ["ada", "bob"]


def test_with_no_idle_allowance_each_connection_is_checked_before_its_next_use(database: str) -> None:
    with open_room(database, settings=Settings(idle_check=0, pool_size=1)) as room:
        sent: list[bytes] = []
        for _ in range(2):
            sent = round_trips(room)
        assert any(b"SELECT 1" in line for line in sent)
        kill_all(room)
        assert round_trips(room)


def test_a_connection_that_is_lost_in_the_middle_is_told_and_nothing_was_written(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        open_account(uow, "ada")
        kill_all(room)
        open_account(uow, "bob")

    with pytest.raises(ConnectionLost, match=r"nothing was written; run the transaction again, as Storeroom\.run"):
        room.run(work, attempts=1)
    assert owners(room) == []


def test_a_lost_connection_cannot_be_recovered_by_a_savepoint(room: Storeroom) -> None:
    def part(uow: UnitOfWork) -> None:
        with uow.savepoint():
            kill_all(room)
            open_account(uow, "ada")

    def work(uow: UnitOfWork) -> None:
        with pytest.raises(ConnectionLost):
            part(uow)
        open_account(uow, "bob")

    with pytest.raises(TransactionEnded):
        room.run(work)
    assert owners(room) == []


def test_a_loss_that_is_found_when_a_savepoint_is_set_or_kept_is_told(room: Storeroom) -> None:
    def set_after(uow: UnitOfWork) -> None:
        kill_all(room)
        with uow.savepoint():
            pytest.fail("it was entered")

    def keep_after(uow: UnitOfWork) -> None:
        with uow.savepoint():
            kill_all(room)

    for work in (set_after, keep_after):
        with pytest.raises(ConnectionLost):
            room.run(work, attempts=1)


def test_an_error_of_the_program_passes_although_the_connection_is_lost(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        with uow.savepoint():
            kill_all(room)
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        room.run(work)


def test_a_lost_connection_is_not_replaced_only_to_roll_it_back(room: Storeroom) -> None:
    connected: list[object] = []

    def work(uow: UnitOfWork) -> None:
        kill_all(room)
        OWNERS.all(uow)

    room.run(lambda uow: uow.statements)
    event.listen(engine_of(room), "connect", lambda driver, _record: connected.append(driver))
    with pytest.raises(ConnectionLost):
        room.run(work, attempts=1)
    assert connected == []


def test_a_connection_that_is_lost_at_the_commit_leaves_the_outcome_unknown(room: Storeroom) -> None:
    event.listen(engine_of(room), "commit", lambda _connection: kill_all(room), once=True)
    calls: list[int] = []

    def work(uow: UnitOfWork) -> None:
        calls.append(1)
        open_account(uow, "ada")

    with pytest.raises(OutcomeUnknown, match="look whether it was written before running it again"):
        room.run(work)
    assert calls == [1]  # never tried again
    assert owners(room) == []


def test_a_deferred_constraint_is_told_at_the_commit(room: Storeroom) -> None:
    rule = text("ALTER TABLE bank_accounts ADD CONSTRAINT one UNIQUE (balance) DEFERRABLE INITIALLY DEFERRED")

    def work(uow: UnitOfWork) -> None:
        uow.connection.execute(rule)
        for owner in ("ada", "bob"):
            open_account(uow, owner)

    with pytest.raises(Duplicate) as caught:
        room.run(work)
    assert (caught.value.constraint, caught.value.table) == ("one", "bank_accounts")
    assert owners(room) == []


def test_a_deadlock_is_a_conflict_and_is_tried_again(database: str) -> None:
    both_hold_one = Barrier(2)
    conflicts: list[SerializationConflict] = []
    with open_room(database, settings=Settings(lock_timeout=30)) as room, ThreadPoolExecutor(2) as pool:
        with room.write() as uow:
            open_account(uow, "ada", id=1)
            open_account(uow, "bob", id=2)

        def cross(first: Statement, second: Statement) -> None:
            tries: list[int] = []

            def work(uow: UnitOfWork) -> None:
                tries.append(1)
                uow.connection.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
                first.affected(uow)
                if len(tries) == 1:
                    both_hold_one.wait(30)
                try:
                    second.affected(uow)
                except SerializationConflict as error:
                    conflicts.append(error)
                    raise

            room.run(work)

        for task in [pool.submit(cross, SET_FIRST, SET_SECOND), pool.submit(cross, SET_SECOND, SET_FIRST)]:
            task.result()
    assert [error.code for error in conflicts] == ["40P01"]
    assert "run the whole transaction again" in str(conflicts[0])


def test_a_row_that_another_holds_is_waited_for_as_long_as_the_setting_says(room: Storeroom) -> None:
    room.run(lambda uow: open_account(uow, "ada", id=1))

    def wait() -> None:
        with room.write() as uow:
            SET_FIRST.affected(uow)

    with room.write() as uow, ThreadPoolExecutor(1) as pool:
        SET_FIRST.affected(uow)
        with pytest.raises(Busy, match="another transaction holds the lock") as caught:
            pool.submit(wait).result()
    assert caught.value.code == "55P03"


def test_a_statement_that_takes_too_long_is_stopped(database: str) -> None:
    with open_room(database, settings=Settings(statement_timeout=0.05)) as room:
        with pytest.raises(Timeout, match="raise STOREROOM_STATEMENT_TIMEOUT"):
            room.run(SLEEP.all)
        with room.read() as uow:
            assert SETTING.scalar(uow, name="statement_timeout") == "50ms"


@pytest.mark.parametrize(
    ("lock", "statement", "shown"), [(0, 0, ("1ms", "0")), (0.0001, 0.2501, ("1ms", "251ms")), (2, 3, ("2s", "3s"))]
)
def test_the_limits_are_set_inside_the_transaction_and_gone_after(
    database: str, lock: float, statement: float, shown: tuple[str, str]
) -> None:
    settings = Settings(lock_timeout=lock, statement_timeout=statement, pool_size=1, pool_overflow=0)
    with open_room(database, settings=settings) as room:
        for begin in (room.write, room.read):
            with begin() as uow:
                names = ("lock_timeout", "statement_timeout")
                assert tuple(SETTING.scalar(uow, name=name) for name in names) == shown
                assert SETTING.scalar(uow, name="transaction_isolation") == "read committed"
        with engine_of(room).connect() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "0"
            assert connection.scalar(text("SHOW statement_timeout")) == "0"
            assert connection.scalar(text("SHOW transaction_read_only")) == "off"


@pytest.mark.parametrize(("prepared", "threshold"), [(True, 5), (False, None)])
def test_prepared_statements_can_be_switched_off_for_poolers(
    database: str, prepared: bool, threshold: int | None
) -> None:
    with open_room(database, settings=Settings(prepared_statements=prepared)) as room, room.read() as uow:
        driver = uow.connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert driver.prepare_threshold == threshold


def round_trips(room: Storeroom) -> list[bytes]:
    """Return what libpq sent for one small transaction."""

    def trace(driver: Any, _record: object, _proxy: object) -> None:
        driver.pgconn.trace(file.fileno())
        driver.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)

    with tempfile.TemporaryFile() as file:
        event.listen(engine_of(room), "checkout", trace, insert=True)
        room.run(SELECT_TWO.all)
        event.remove(engine_of(room), "checkout", trace)
        fairy = engine_of(room).raw_connection()
        assert isinstance(fairy.driver_connection, psycopg.Connection)
        fairy.driver_connection.pgconn.untrace()
        fairy.close()
        file.seek(0)
        return [line for line in file.read().splitlines() if line.startswith(b"F")]


def test_a_small_transaction_takes_three_round_trips(room: Storeroom) -> None:
    round_trips(room)
    sent = round_trips(room)
    texts = [line for line in sent if b"\tQuery" in line or b"\tParse" in line]
    assert [b"BEGIN READ WRITE; SET LOCAL" in line for line in texts] == [True, False, False]
    assert b"COMMIT" in texts[-1]


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.set(database="no_such_database"),
        lambda url: url.set(username="no_such_role"),
        lambda url: url.set(host="127.0.0.1", port=1, query={}),
        lambda url: url.set(query={"host": "/no/such/folder"}),
        lambda url: url.update_query_dict({"no_such_option": "1"}),
    ],
    ids=["database", "role", "port", "socket", "option"],
)
def test_a_server_that_cannot_be_reached_is_unavailable(server: Server, change: Callable[[URL], URL]) -> None:
    url = change(make_url(server.url)).set(password="s3cr3t").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailable, match=r"can't be opened.* the URL") as caught:
        open_room(url)
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_too_old_is_refused_and_not_left_connected(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OLDEST_VERSION", 990000)
    with pytest.raises(ConfigurationError, match="is too old; Storeroom needs 99 or newer"):
        open_room(database)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        while connection.execute(others).fetchone() != (0,):  # a server's process takes its time to end
            assert time.monotonic() < deadline


def test_the_programs_connection_that_is_lost_is_told_by_a_bound_block(room: Storeroom, database: str) -> None:
    engine = create_engine(database)

    def bind(connection: Connection) -> None:
        with room.bind(connection) as uow:
            open_account(uow, "ada")
            kill_all(room)

    with engine.connect() as connection, pytest.raises(ConnectionLost):
        bind(connection)
    engine.dispose()
    assert owners(room) == []


def test_a_connection_that_is_lost_while_reading_leaves_nothing_unknown(room: Storeroom) -> None:
    with pytest.raises(ConnectionLost), room.read() as uow:
        kill_all(room, OWNERS.all(uow))
