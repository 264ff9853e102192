"""The program's own engine is used as it is, and given back as it was found."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, insert, select

from storeroom import Settings, Storeroom, UnitOfWork
from storeroom.errors import Busy, ConfigurationError, ReadOnly, Timeout, UnitOfWorkNested
from storeroom.testing import requires
from tests.core.tables import accounts, bank, open_account, open_room, owners

SQLITE_STATE = ("foreign_keys", "busy_timeout", "query_only", "journal_mode", "synchronous")


def begin_explicitly(engine: Engine) -> None:
    """Apply SQLAlchemy's documented recipe for real transactions on SQLite."""

    @event.listens_for(engine, "connect")
    def leave_to_us(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def fail(uow: UnitOfWork) -> None:
    open_account(uow, "lost")
    raise LookupError("mine")


def plain(url: str) -> Engine:
    return create_engine(url)


def autocommitting(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT")


def careful(url: str) -> Engine:
    return create_engine(url, isolation_level="SERIALIZABLE", pool_size=1, max_overflow=0)


def beginning(url: str) -> Engine:
    engine = create_engine(url)
    if not requires.ready_connections.met_by(engine):
        begin_explicitly(engine)
    else:  # psycopg begins with the first statement
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("SELECT 1"))
    return engine


def unrolled(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)


ENGINES = [plain, autocommitting, careful, beginning, unrolled]


def state(engine: Engine) -> dict[str, Any]:
    """Read what a connection of the engine is set to, at the driver."""
    fairy = engine.raw_connection()
    driver = fairy.driver_connection
    try:
        if isinstance(driver, sqlite3.Connection):
            pragmas = {name: driver.execute(f"PRAGMA {name}").fetchone()[0] for name in SQLITE_STATE}
            return {**pragmas, "isolation_level": driver.isolation_level, "in transaction": driver.in_transaction}
        assert isinstance(driver, psycopg.Connection)
        return {
            "autocommit": driver.autocommit,
            "isolation_level": driver.isolation_level,
            "status": driver.info.transaction_status,
        }
    finally:
        fairy.close()


@pytest.mark.parametrize("make_engine", ENGINES)
def test_an_engine_is_given_back_as_it_was_found(bank_url: str, make_engine: Callable[[str], Engine]) -> None:
    engine = make_engine(bank_url)
    before = state(engine)
    with open_room(engine=engine) as room:
        room.run(lambda uow: open_account(uow, "ada"))
        assert state(engine) == before
        assert owners(room) == ["ada"]
        assert state(engine) == before
        with pytest.raises(LookupError):
            room.run(fail)
        assert state(engine) == before
    with engine.begin() as connection:
        connection.execute(insert(accounts).values(owner="bob"))
    with engine.connect() as connection:
        assert list(connection.scalars(select(accounts.c.owner))) == ["ada", "bob"]
    assert state(engine) == before
    engine.dispose()


def test_it_is_given_back_as_it_was_even_when_others_close_the_connection(bank_url: str) -> None:
    engine = plain(bank_url)
    before = state(engine)
    with open_room(engine=engine) as room:
        uow = room.read().__enter__()
        connection = uow.connection
        for step in (connection.close, lambda: uow.__exit__(None, None, None)):
            with pytest.raises(Exception, match="only the unit of work ends its transaction"):
                step()
        assert state(engine) == before
    engine.dispose()


def test_the_programs_own_pragmas_come_back(tmp_path: Path) -> None:
    engine = plain(f"sqlite:///{tmp_path}/bank.db")
    open_room(engine=engine).close()
    bank.create_all(engine)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        driver.execute("PRAGMA busy_timeout=1234")
        driver.execute("PRAGMA query_only=ON")

    before = state(engine)
    assert (before["query_only"], before["busy_timeout"], before["foreign_keys"]) == (1, 1234, 0)
    with Storeroom.open(engine=engine, discover=False) as room:
        assert owners(room) == []
        with pytest.raises(ReadOnly):
            room.run(lambda uow: open_account(uow, "ada"))
        assert state(engine) == before
    engine.dispose()


def test_a_listener_that_raises_at_commit_is_heard_and_the_connection_is_clean(bank_url: str) -> None:
    engine = create_engine(bank_url, pool_size=1, max_overflow=0)
    before = state(engine)

    def refuse(_connection: Connection) -> None:
        raise LookupError("mine")

    with open_room(engine=engine) as room:
        event.listen(engine, "commit", refuse)
        with pytest.raises(LookupError, match="mine"):
            room.run(lambda uow: open_account(uow, "ada"))
        event.remove(engine, "commit", refuse)
        assert owners(room) == []
        assert state(engine) == before
    engine.dispose()


@pytest.mark.parametrize("moment", ["begin", "rollback"])
@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt])
def test_a_listener_that_raises_elsewhere_loses_no_connection(
    bank_url: str, moment: str, error: type[BaseException]
) -> None:
    engine = create_engine(bank_url, pool_size=1, max_overflow=0, pool_timeout=0.1)

    def refuse(_connection: Connection) -> None:
        raise error("mine")

    with open_room(engine=engine) as room:
        event.listen(engine, moment, refuse)
        with pytest.raises(error, match="mine"):
            room.run(fail)
        event.remove(engine, moment, refuse)
        assert owners(room) == []
    engine.dispose()


def test_a_read_inside_a_write_waits_for_a_pool_of_one_no_longer_than_the_pool_says(bank_url: str) -> None:
    engine = create_engine(bank_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with open_room(engine=engine) as room:
        with room.write() as uow:
            with pytest.raises(Timeout, match="the program's own engine with pool_size"), room.read():
                pass
            open_account(uow, "ada")
        assert owners(room) == ["ada"]
    engine.dispose()


def test_a_lock_that_is_not_to_be_had_leaves_the_engine_as_it_was(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/bank.db")
    with open_room(engine=engine, settings=Settings(busy_timeout=0.05)) as room:
        before = state(engine)
        with engine.connect() as program:
            program.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(Busy, match=r"as Storeroom\.run does"), room.write():
                pass
        assert state(engine) == before
    engine.dispose()


@pytest.mark.parametrize("pool", [{}, {"poolclass": StaticPool}], ids=["default pool", "StaticPool"])
def test_the_programs_transaction_on_a_memory_database_is_not_taken_over(pool: dict[str, Any]) -> None:
    engine = create_engine("sqlite://", **pool)
    bank.create_all(engine)
    with open_room(engine=engine) as room:
        with engine.begin() as program:
            program.execute(insert(accounts).values(owner="ada"))
            with pytest.raises(UnitOfWorkNested, match=r"bind its connection with room\.bind"), room.write():
                pass
        room.run(lambda uow: open_account(uow, "bob"))
    engine.dispose()


def test_the_programs_transaction_in_memory_goes_on_after_that() -> None:
    engine = create_engine("sqlite://")
    bank.create_all(engine)
    with open_room(engine=engine) as room:
        with engine.begin() as program:
            program.execute(insert(accounts).values(owner="ada"))
            with pytest.raises(UnitOfWorkNested), room.read():
                pass
            program.execute(insert(accounts).values(owner="bob"))
        assert owners(room) == ["ada", "bob"]
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql+asyncpg://host/name", "mysql+pymysql://host/name"])
def test_an_engine_with_another_driver_is_refused(url: str) -> None:
    engine = create_engine(url, module=psycopg)  # any module does, since it is never connected
    with pytest.raises(ConfigurationError, match=r"make it with sqlite:///… or postgresql\+psycopg"):
        open_room(engine=engine)


def test_a_url_and_an_engine_are_too_much() -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(ConfigurationError, match="give one of them"):
        open_room("sqlite://", engine=engine)
    engine.dispose()
