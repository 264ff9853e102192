"""What the fast way takes from SQLAlchemy without its documentation, and SQLite's connections for reading only."""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, QueuePool, create_engine, event, insert, select

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom.engine import Link, StatementRunner
from storeroom.errors import ConnectionLost, ReadOnly
from storeroom.testing import Server
from tests.core.tables import OWNERS, accounts, bank, checked_out, engine_of, open_account, open_room, owners


def test_a_connection_that_is_attached_later_is_in_the_drivers_transaction(bank_url: str) -> None:
    engine = create_engine(bank_url)
    link = Link(engine, engine.raw_connection())
    link.driver.execute("BEGIN")
    link.driver.execute("INSERT INTO bank_accounts (owner, branch, balance) VALUES ('ada', '', 0)")
    assert str(link.attached) == "None"
    assert link.connection is link.connection is link.attached
    assert link.connection.scalar(select(accounts.c.owner)) == "ada"
    link.connection.execute(insert(accounts).values(owner="bob"))
    assert link.root is not None
    assert link.root.is_active
    link.driver.rollback()
    assert not link.is_gone
    link.close()
    assert link.connection.closed
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0
    with engine.connect() as connection:
        assert connection.scalar(select(accounts.c.owner)) is None
    engine.dispose()


def test_an_engine_tells_whether_anybody_listens(bank_url: str) -> None:
    engine = create_engine(bank_url)
    assert [engine._has_events, Connection._has_events, engine.dialect._has_events] == [False] * 3
    event.listen(engine, "commit", lambda _connection: None)
    assert [engine._has_events, Connection._has_events, engine.dialect._has_events] == [True, False, False]
    engine.dispose()


@pytest.mark.parametrize("options", [{"echo": True}, {"execution_options": {"schema_translate_map": None}}])
def test_an_engine_that_logs_or_has_options_is_served_the_plain_way(bank_url: str, options: dict[str, Any]) -> None:
    engine = create_engine(bank_url, **options)
    with open_room(engine=engine) as room, room.read() as uow:
        for _ in range(3):
            OWNERS.all(uow)
        assert uow._transaction is not None
        assert uow._transaction.runner.link.is_plain
    engine.dispose()


def test_an_interrupt_in_a_statement_throws_the_connection_away(room: Storeroom) -> None:
    class Interrupting:
        def cursor(self) -> object:
            raise KeyboardInterrupt

    statement = Statement(select(accounts.c.owner))
    for _ in range(3):
        room.run(statement.all)
    uow = room.write().__enter__()
    assert uow._transaction is not None
    runner = uow._transaction.runner
    assert isinstance(runner, StatementRunner)
    runner.driver = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        statement.all(uow)
    assert runner.is_gone
    uow.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert checked_out(room) == 0
    assert owners(room) == []


def test_a_loss_in_a_fast_statement_is_told_and_nothing_was_written(server: Server) -> None:
    url = server.create_database()
    with open_room(url) as room:
        bank.create_all(engine_of(room))
        add = Statement(insert(accounts))
        for name in "abc":
            room.run(lambda uow, name=name: add.affected(uow, owner=name))  # type: ignore[misc]  # its default

        def lose(uow: UnitOfWork) -> None:
            add.affected(uow, owner="lost")
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
                pids = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                other.execute(f"SELECT count(pg_terminate_backend(pid, 5000)) {pids}")
            add.affected(uow, owner="lost too")

        with pytest.raises(ConnectionLost):
            room.run(lose, attempts=1)
        assert owners(room) == ["a", "b", "c"]
        assert checked_out(room) == 0
    server.drop_database(url)


def opened(file: Path, **settings: Any) -> Storeroom:
    room = open_room(f"sqlite:///{file}", settings=Settings(**settings))
    bank.create_all(engine_of(room))
    return room


def test_sqlite_reads_on_connections_of_their_own(tmp_path: Path) -> None:
    """So that `query_only` is never switched, after which SQLite would prepare every statement anew."""
    with opened(tmp_path / "bank.db") as room:
        drivers: list[object] = []
        for _ in range(2):
            with room.read() as reading, room.write() as writing:
                assert reading._transaction is not None
                assert writing._transaction is not None
                drivers += [reading._transaction.runner.driver, writing._transaction.runner.driver]
        assert drivers[0] is drivers[2] is not drivers[1] is drivers[3]
        sent: list[str] = []
        assert isinstance(drivers[0], sqlite3.Connection)
        drivers[0].set_trace_callback(sent.append)
        assert owners(room) == []
        assert sent[0] == "BEGIN"
        assert sent[-1] == "COMMIT"
        assert not any("PRAGMA" in each for each in sent)


@pytest.mark.parametrize("pool_size", [1, 2])
def test_no_reader_writes_whatever_the_pool(tmp_path: Path, pool_size: int) -> None:
    with opened(tmp_path / "bank.db", pool_size=pool_size, pool_overflow=0) as room:
        for _ in range(3):
            with pytest.raises(ReadOnly), room.read() as uow:
                open_account(uow, "lost")
            with pytest.raises(ReadOnly), room.read() as uow:
                uow.connection.execute(insert(accounts).values(owner="lost"))
        room.run(lambda uow: open_account(uow, "ada"))
        assert owners(room) == ["ada"]
