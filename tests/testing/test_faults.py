"""Faults are real: the database itself says so, and what the room does about them is what it promises."""

import os
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier

import pytest

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import Busy, ConfigurationError, ConnectionLost, SerializationConflict
from storeroom.testing import Here, faults, kill_at, requires, run_together
from storeroom_notes import NoteRepository


@pytest.fixture
def room_plugins() -> Sequence[str]:
    return ["notes"]


def texts(room: Storeroom) -> list[str]:
    with room.read() as uow:
        return [note.text for note in uow[NoteRepository].list()]


def test_what_others_lock_is_waited_for_until_the_timeout(room: Storeroom, open_room: Callable[..., Storeroom]) -> None:
    hasty = open_room(busy_timeout=0.1, lock_timeout=0.1, attempts=1)
    with faults.locked(room), pytest.raises(Busy):
        hasty.run(lambda uow: uow[NoteRepository].write("Buy tea"))
    hasty.run(lambda uow: uow[NoteRepository].write("Buy milk"))
    assert texts(room) == ["Buy milk"]


@requires.server
def test_a_lost_connection_is_found_by_the_next_statement(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> None:
        uow[NoteRepository].write("Buy tea")
        faults.lose_connection(uow)
        uow[NoteRepository].write("Buy milk")

    with pytest.raises(ConnectionLost):
        room.run(work, attempts=1)
    assert texts(room) == []


@requires.row_locks
def test_the_victim_of_a_deadlock_is_run_again(room: Storeroom) -> None:
    tries = 0

    def work(uow: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        uow[NoteRepository].write(f"try {tries}")
        if tries == 1:
            faults.deadlock(uow)

    room.run(work)
    assert texts(room) == ["try 2"]
    with pytest.raises(SerializationConflict):
        room.run(faults.deadlock, attempts=1)


@requires.database_file
def test_a_fault_that_a_database_cannot_have_says_what_to_require(room: Storeroom) -> None:
    for fault, name in ((faults.deadlock, "row_locks"), (faults.lose_connection, "server")):
        with room.write() as uow, pytest.raises(ConfigurationError, match=f"mark the test @requires.{name}"):
            fault(uow)


def write_and_stop(url: str, here: Here) -> None:
    with Storeroom.open(url, allow=["notes"]) as room, room.write() as uow:
        uow[NoteRepository].write("Buy tea")
        here()


def exit_early(here: Here) -> None:
    os._exit(3)


def test_a_process_is_killed_where_it_says(room: Storeroom, room_url: str) -> None:
    kill_at(write_and_stop, room_url)
    room.run(lambda uow: uow[NoteRepository].write("not in the way"))
    assert texts(room) == ["not in the way"]


def test_a_process_that_ends_before_it_is_killed_is_told() -> None:
    with pytest.raises(AssertionError, match=r"exit_early ended with exit code 3 before it called here\(\)"):
        kill_at(exit_early)


def write_together(url: str, together: Barrier) -> None:
    with Storeroom.open(url, allow=["notes"]) as room:
        together.wait(60)
        room.run(lambda uow: uow[NoteRepository].write(str(os.getpid())))


def test_processes_go_on_together(room: Storeroom, room_url: str) -> None:
    assert run_together(3, write_together, room_url) == [0, 0, 0]
    assert len(set(texts(room))) == 3
