"""Connections that stay out of the pool between transactions: nobody waits for one, and none is used that is dead."""

import time
from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import event, text

from storeroom import Storeroom, UnitOfWork
from storeroom.testing import requires
from tests.core.conftest import RoomMaker
from tests.core.tables import accounts, checked_out, engine_of, open_account, owners

PATIENCE = 20


def warm_up(room: Storeroom) -> None:
    """Run what the tests run until it goes the fast way: a statement's first runs have SQLAlchemy's connection."""
    for _ in range(2):
        with room.write() as uow:
            open_account(uow, "nobody")
            uow.connection.execute(accounts.delete())


def given_out(room: Storeroom) -> list[object]:
    """The connections that the pool gives out from now on."""
    found: list[object] = []
    event.listen(engine_of(room).pool, "checkout", lambda driver, *_: found.append(driver))
    return found


def run(*works: Callable[[], object]) -> None:
    """Run each in a thread of its own; an error of one is raised here."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def awaited(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def driver_of(uow: UnitOfWork) -> Any:
    return uow._active.runner.driver


def test_transactions_one_after_the_other_have_one_connection_which_the_pool_gives_once(make_room: RoomMaker) -> None:
    room = make_room()
    warm_up(room)
    found = given_out(room)
    drivers = []
    for number in range(5):
        with room.write() as uow:
            open_account(uow, f"owner {number}")
            drivers.append(driver_of(uow))
    assert len(set(map(id, drivers))) == 1
    assert len(found) <= 1


def test_after_an_error_it_is_as_it_was(make_room: RoomMaker) -> None:
    room = make_room()
    warm_up(room)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), room.write() as uow:  # noqa: PT012  # what is inside is what raises
            open_account(uow, "ada")
            raise ZeroDivisionError
    assert owners(room) == []
    assert checked_out(room) == 0


def test_what_was_lent_to_others_goes_back_to_the_pool(make_room: RoomMaker) -> None:
    room = make_room()
    warm_up(room)
    with room.write() as uow:
        uow.connection.execute(accounts.select())
    assert len(room._database._parking) == 0
    with room.write() as uow:
        open_account(uow, "ada")
    assert len(room._database._parking) == 1


@pytest.mark.parametrize("pool_size", [1, 2, 3])
def test_nobody_starves(make_room: RoomMaker, pool_size: int) -> None:
    """More threads than connections, each with many transactions: the pool's limit holds, and each waits its turn."""
    room = make_room(pool_size=pool_size, pool_overflow=0, pool_timeout=PATIENCE, busy_timeout=PATIENCE)
    start = Barrier(6)

    def read() -> None:
        start.wait(PATIENCE)
        for _ in range(60):
            with room.read() as uow:
                assert uow.is_open

    run(read, read, read, read, write_as(room, "ada", start), write_as(room, "bob", start))
    assert sorted(owners(room)) == ["ada", "bob"]


def write_as(room: Storeroom, owner: str, start: Barrier) -> Callable[[], None]:
    """Work that opens an account again and again, and closes all but the last."""

    def work() -> None:
        start.wait(PATIENCE)
        for number in range(20):
            with room.write() as uow:
                open_account(uow, owner)
                if number < 19:
                    uow.connection.execute(accounts.delete().where(accounts.c.owner == owner))

    return work


def test_who_waits_at_the_pool_gets_the_next_that_comes_back(make_room: RoomMaker) -> None:
    """Two are in use, and a third asks: the first that comes back is for it, and isn't parked."""
    room = make_room(pool_size=2, pool_overflow=0, pool_timeout=PATIENCE)
    asking = room._database._parked_readers if room._database._readers is not None else room._database._parking
    inside, served = Barrier(3), Event()

    def leave_when_asked() -> None:
        with room.read():
            inside.wait(PATIENCE)
            awaited(lambda: bool(asking._asking))

    def stay() -> None:
        with room.read():
            inside.wait(PATIENCE)
            assert served.wait(PATIENCE)

    def ask() -> None:
        inside.wait(PATIENCE)
        with room.read() as uow:
            assert uow.is_open
        served.set()

    run(leave_when_asked, stay, ask)


def test_what_asks_the_pool_itself_finds_a_connection(make_room: RoomMaker) -> None:
    room = make_room(pool_size=2, pool_overflow=0, pool_timeout=0.2)
    with room.write(), room.read():
        pass
    with room._database.autocommit() as connection, room.read():
        assert connection.scalar(text("SELECT 1")) == 1


def test_what_ends_after_its_room_was_closed_is_closed(make_room: RoomMaker) -> None:
    room = make_room()
    with room.read() as uow:
        driver = driver_of(uow)
        room.close()
    assert len(room._database._parking) + len(room._database._parked_readers) == 0
    with pytest.raises(engine_of(room).dialect.loaded_dbapi.Error, match="closed"):
        driver.execute("SELECT 1")


def test_a_room_that_is_closed_keeps_none(make_room: RoomMaker) -> None:
    room = make_room()
    with room.write() as uow:
        driver = driver_of(uow)
    room.close()
    assert len(room._database._parking) == 0
    with pytest.raises(engine_of(room).dialect.loaded_dbapi.Error, match="closed"):
        driver.execute("SELECT 1")


@requires.server
@pytest.mark.parametrize("idle_check", [0.0, 1000.0])
def test_one_that_was_lost_while_it_was_idle_is_replaced(make_room: RoomMaker, idle_check: float) -> None:
    """With a look before its use, or by beginning again: nothing has run yet."""
    room = make_room(idle_check=idle_check)
    with room.write() as uow:
        lost = uow.connection.scalar(text("SELECT pg_backend_pid()"))
    with room.write() as uow:
        assert driver_of(uow).info.backend_pid == lost
    found = given_out(room)
    with room.read() as uow:
        assert driver_of(uow).info.backend_pid == lost
    assert len(found) == (1 if idle_check == 0 else 0), "the pool looks whether it is alive"
    other = make_room()
    with other.write() as uow:
        uow.connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost})
    with room.write() as uow:
        open_account(uow, "ada")
        assert driver_of(uow).info.backend_pid != lost
    assert owners(room) == ["ada"]
