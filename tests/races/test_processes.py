"""Processes that open a new database at once, and that are killed in the middle of a write."""

import os
import signal
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier
from pathlib import Path

from storeroom import Settings
from storeroom.engine import Database, Mode, parse_url
from storeroom.testing import run_together
from storeroom.testing.processes import context
from tests.core.tables import bank, engine_of, open_account, open_room, owners

OPENERS, FILES = 8, 20


def open_new_files(urls: list[str], together: Barrier) -> None:
    for url in urls:
        database = Database.from_url(parse_url(url), Settings())
        together.wait(60)
        database.begin(Mode.WRITE).commit()
        database.begin(Mode.READ).rollback()
        database.close()


def test_processes_that_open_a_new_file_at_once_all_succeed(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/new{number}.db" for number in range(FILES)]
    assert run_together(OPENERS, open_new_files, urls) == [0] * OPENERS
    with closing(sqlite3.connect(tmp_path / "new0.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def write_and_wait(url: str, pipe: Pipe) -> None:
    with open_room(url) as room, room.write() as uow:
        for number in range(500):
            open_account(uow, f"owner{number}")
        pipe.send("written")
        pipe.recv()  # which never comes


def test_a_process_that_is_killed_in_the_middle_of_a_write_leaves_nothing(url: str) -> None:
    with open_room(url, settings=Settings(busy_timeout=30, lock_timeout=30)) as room:
        bank.create_all(engine_of(room))
        room.run(lambda uow: open_account(uow, "ada"))
        ours, theirs = context.Pipe()
        process = context.Process(target=write_and_wait, args=(url, theirs))
        process.start()
        assert ours.recv() == "written"
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        room.run(lambda uow: open_account(uow, "owner1"))  # not in the way any more
        assert owners(room) == ["ada", "owner1"]
