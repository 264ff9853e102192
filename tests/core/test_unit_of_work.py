"""A unit of work is one transaction: kept, undone, closed, and held by one task at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom.errors import (
    Busy,
    RepositoryMissing,
    StatementFailed,
    Timeout,
    UnitOfWorkClosed,
    UnitOfWorkNested,
    ValueRefused,
)
from storeroom_notes import NoteRepository
from tests.core.tables import OWNERS, accounts, bank, checked_out, engine_of, open_account, open_room, owners


def in_thread(work: Callable[[], Any]) -> Any:
    """Call it in a new thread, with a context of its own, and return or raise what it did."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def open_and_leave(uow: UnitOfWork, error: BaseException) -> None:
    open_account(uow, "ada")
    raise error


def test_what_was_written_is_kept_when_the_block_ends(room: Storeroom) -> None:
    with room.write() as uow:
        open_account(uow, "ada")
        assert uow.statements == 1
    assert owners(room) == ["ada"]


def test_an_error_that_leaves_the_block_undoes_all_of_it(room: Storeroom) -> None:
    with pytest.raises(LookupError, match="mine"):
        room.run(lambda uow: open_and_leave(uow, LookupError("mine")))
    assert owners(room) == []


@pytest.mark.parametrize("leave", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_leaving_by_an_exit_undoes_all_of_it(room: Storeroom, leave: type[BaseException]) -> None:
    with pytest.raises(leave):
        room.run(lambda uow: open_and_leave(uow, leave()))
    assert checked_out(room) == 0
    assert owners(room) == []


def test_a_repository_is_the_same_one_by_class_and_by_name(notes_room: Storeroom) -> None:
    with notes_room.read() as uow:
        assert uow[NoteRepository] is uow["notes"]
        with pytest.raises(RepositoryMissing, match="plugin 'jobs' is installed but denied here"):
            uow["jobs"]


def test_nothing_can_be_done_before_and_after_the_block(room: Storeroom) -> None:
    uow = room.write()
    for closed in (True, False):
        with pytest.raises(UnitOfWorkClosed, match="inside its 'with' block"):
            OWNERS.all(uow)
        with pytest.raises(UnitOfWorkClosed), uow.savepoint():
            pass
        if closed:
            with uow:
                connection = uow.connection
    assert connection.closed
    assert not uow.is_open


def test_one_that_is_open_cannot_be_entered_again(room: Storeroom) -> None:
    with room.read() as uow:
        with pytest.raises(UnitOfWorkNested, match=r"open another with room\.write"):
            uow.__enter__()
        assert OWNERS.all(uow) == []


def test_one_that_is_over_can_be_entered_again_as_a_new_transaction(room: Storeroom) -> None:
    uow = room.write()
    for owner in ("ada", "bob"):
        with uow:
            open_account(uow, owner)
    assert owners(room) == ["ada", "bob"]


def test_a_write_inside_a_write_is_refused_without_waiting(make_room: Callable[..., Storeroom]) -> None:
    room = make_room(busy_timeout=3600, lock_timeout=3600)  # so that waiting would not end
    with room.write() as outer:
        with pytest.raises(UnitOfWorkNested, match="pass the open one on, or use its savepoint"), room.write():
            pass
        with pytest.raises(UnitOfWorkNested), room.read(), room.write():
            pass
        open_account(outer, "ada")
    assert owners(room) == ["ada"]


def test_a_read_inside_a_write_sees_what_was_before(room: Storeroom) -> None:
    with room.write() as outer:
        open_account(outer, "ada")
        assert owners(room) == []
    assert owners(room) == ["ada"]


def test_a_write_inside_a_read_is_allowed(room: Storeroom) -> None:
    with room.read() as reading:
        assert OWNERS.all(reading) == []
        with room.write() as uow:
            open_account(uow, "ada")
    assert owners(room) == ["ada"]


def test_writes_to_two_databases_may_be_nested(new_database: Callable[[], str]) -> None:
    with open_room(new_database()) as first, open_room(new_database()) as second, first.write(), second.write() as uow:
        assert uow.is_open


def test_a_write_in_a_copy_of_the_context_is_refused_like_one_inside(room: Storeroom) -> None:
    with room.write():
        copied = copy_context()
        with pytest.raises(UnitOfWorkNested):
            in_thread(lambda: copied.run(room.write().__enter__))


def test_where_the_context_hides_the_outer_write_the_error_says_what_may_be_wrong(tmp_path: Path) -> None:
    with open_room(f"sqlite:///{tmp_path}/bank.db", settings=Settings(busy_timeout=0.05)) as room:
        hidden = room.write()
        copy_context().run(hidden.__enter__)
        with pytest.raises(Busy, match="opened in another context"), room.write():
            pass
        hidden.__exit__(None, None, None)
        with room.write():
            pass


def test_threads_write_one_after_the_other(room: Storeroom) -> None:
    def write(owner: str) -> None:
        room.run(lambda uow: open_account(uow, owner), attempts=50)

    threads = [Thread(target=write, args=(f"owner{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(owners(room)) == ["owner0", "owner1", "owner2", "owner3"]


def test_it_may_be_entered_in_one_thread_and_left_in_another(room: Storeroom) -> None:
    uow = room.write()
    in_thread(uow.__enter__)
    in_thread(lambda: open_account(uow, "ada"))
    in_thread(lambda: uow.__exit__(None, None, None))
    room.run(OWNERS.all)
    in_thread(lambda: room.run(OWNERS.all))
    assert owners(room) == ["ada"]


def test_it_may_be_entered_in_one_asyncio_context_and_left_in_another(room: Storeroom) -> None:
    async def enter() -> Any:
        return room.write().__enter__()

    async def leave(uow: Any) -> None:
        uow.__exit__(None, None, None)

    async def work() -> None:
        uow = await asyncio.create_task(enter())
        open_account(uow, "ada")
        await asyncio.create_task(leave(uow))
        with room.write() as uow:
            open_account(uow, "bob")

    asyncio.run(work())
    assert owners(room) == ["ada", "bob"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"])
def test_a_database_in_memory_serves_threads_in_turn_and_refuses_any_nesting(url: str) -> None:
    with open_room(url) as room:
        bank.create_all(engine_of(room))
        in_thread(lambda: room.run(lambda uow: open_account(uow, "ada")))
        assert in_thread(lambda: owners(room)) == ["ada"]
        for outer in (room.read, room.write):
            for inner in (room.read, room.write):
                with outer(), pytest.raises(UnitOfWorkNested, match="in memory has one connection"), inner():
                    pass
        assert owners(room) == ["ada"]


def test_when_no_connection_is_free_the_error_says_what_to_do(make_room: Callable[..., Storeroom]) -> None:
    room = make_room(pool_size=1, pool_overflow=0, pool_timeout=0.05)
    with room.write() as uow:
        with pytest.raises(Timeout, match="STOREROOM_POOL_SIZE"), room.read():
            pass
        open_account(uow, "ada")
    assert owners(room) == ["ada"]


def test_a_closed_room_begins_nothing(room: Storeroom) -> None:
    room.close()
    for begin in (room.write, room.read):
        with pytest.raises(UnitOfWorkClosed, match="this room is closed; open another"), begin():
            pass


@pytest.mark.parametrize("value", [2**63, "\ud800"])
def test_a_value_that_the_driver_cannot_send_is_one_of_our_errors(room: Storeroom, value: object) -> None:
    by_id = Statement(select(accounts.c.id).where(accounts.c.id == bindparam("id")))
    by_owner = Statement(select(accounts.c.id).where(accounts.c.owner == bindparam("id")))
    with pytest.raises((ValueRefused, StatementFailed)):
        room.run(lambda uow: (by_owner if isinstance(value, str) else by_id).all(uow, id=value))
