"""Transactions that read, then write what they read plus one: none is lost, whatever engine is under the room."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from threading import Barrier as ThreadBarrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update

from storeroom import Settings, Storeroom, UnitOfWork
from storeroom.errors import Busy
from storeroom.testing import run_together
from tests.core.tables import (
    BALANCE,
    DEPOSIT_ONE,
    LOCKED_BALANCE,
    SET_BALANCE,
    accounts,
    balance,
    bank,
    open_room,
)

pytestmark = pytest.mark.dear

THREADS, EACH = 8, 60
PROCESSES = 4
TOTAL = THREADS * EACH
PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)


def read_then_write(uow: UnitOfWork) -> None:
    SET_BALANCE.affected(uow, balance=BALANCE.scalar(uow) + 1)


def lock_then_write(uow: UnitOfWork) -> None:
    """What READ COMMITTED needs; SQLite's write lock is held from the start, and knows no FOR UPDATE."""
    SET_BALANCE.affected(uow, balance=LOCKED_BALANCE.scalar(uow) + 1)


def write_only(uow: UnitOfWork) -> None:
    DEPOSIT_ONE.affected(uow)


def prepare(url: str) -> str:
    engine = create_engine(url)
    bank.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(accounts).values(id=1, owner="ada"))
    engine.dispose()
    open_room(url).close()
    return url


def count_in_threads(room: Storeroom, work: Callable[[UnitOfWork], None]) -> int:
    together = ThreadBarrier(THREADS)

    def repeat(_number: int) -> None:
        together.wait(60)
        for _ in range(EACH):
            with room.write() as uow:
                work(uow)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(repeat, range(THREADS)))
    return balance(room)


def plain(url: str) -> Engine:
    return create_engine(url)


def autocommitting(url: str) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT")


def beginning(url: str) -> Engine:
    """Apply SQLAlchemy's documented recipe for real transactions on SQLite."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def leave_to_us(driver: sqlite3.Connection, _record: object) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


@pytest.fixture
def file_url(tmp_path: Any) -> str:
    return prepare(f"sqlite:///{tmp_path}/bank.db")


@pytest.mark.parametrize("work", [lock_then_write, write_only])
def test_all_480_transactions_of_8_threads_count(url: str, work: Callable[[UnitOfWork], None]) -> None:
    with open_room(prepare(url), settings=PATIENT) as room:
        assert count_in_threads(room, work) == TOTAL


def test_on_sqlite_reading_first_is_safe_too(file_url: str) -> None:
    with open_room(file_url, settings=PATIENT) as room:
        assert count_in_threads(room, read_then_write) == TOTAL


@pytest.mark.parametrize("make_engine", [plain, autocommitting, beginning])
def test_all_480_count_over_an_engine_of_the_programs_own(file_url: str, make_engine: Callable[[str], Engine]) -> None:
    engine = make_engine(file_url)
    with open_room(engine=engine, settings=PATIENT) as room:
        assert count_in_threads(room, read_then_write) == TOTAL
    engine.dispose()


def increment_in_process(url: str, together: Barrier) -> None:
    with open_room(url, settings=PATIENT) as room:
        together.wait(60)
        for _ in range(TOTAL // PROCESSES):
            with room.write() as uow:
                lock_then_write(uow)


def test_all_480_transactions_of_4_processes_count(url: str) -> None:
    prepare(url)
    assert run_together(PROCESSES, increment_in_process, url) == [0] * PROCESSES
    with open_room(url) as room:
        assert balance(room) == TOTAL


def test_the_drivers_default_loses_what_the_room_refuses_to_lose(file_url: str) -> None:
    """The same interleaving both ways: two transactions read before either writes."""
    engine = create_engine(file_url, connect_args={"timeout": 0})
    with engine.connect() as first, engine.connect() as second:
        connections = (first, second)
        seen = [connection.execute(select(accounts.c.balance)).scalar_one() for connection in connections]
        for connection, value in zip(connections, seen, strict=True):
            connection.execute(update(accounts).values(balance=value + 1))
            connection.commit()
    engine.dispose()
    with open_room(file_url, settings=Settings(busy_timeout=0)) as room:
        assert balance(room) == 1  # of two
        other = ThreadPoolExecutor(1)
        with other, room.write() as uow:
            value = int(BALANCE.scalar(uow))
            with pytest.raises(Busy):
                other.submit(room.run, read_then_write, attempts=1).result()
            SET_BALANCE.affected(uow, balance=value + 1)
        assert balance(room) == 2
