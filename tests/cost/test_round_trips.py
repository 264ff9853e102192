"""What a unit of work sends, as the database's own library sees it, whatever is counted above it.

When this fails, look at what is sent beside the work itself: each is a round trip to a server, which is most of what a
small transaction takes.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from storeroom import Storeroom, UnitOfWork
from storeroom.testing import requires
from storeroom_jobs import JobRepository
from storeroom_providers import ProviderRepository
from storeroom_wanted import WantedRepository
from tests.wanted.helpers import item


@pytest.fixture
def room(open_room: Callable[..., Storeroom]) -> Storeroom:
    """A room that keeps one connection, and has done all before that it does once."""
    return open_room(pool_size=1)


def upsert(uow: UnitOfWork) -> None:
    uow[WantedRepository].upsert(**item())


def search(uow: UnitOfWork) -> None:
    uow[ProviderRepository].record_search("one", success=True)


def work_on_a_job(uow: UnitOfWork) -> None:
    jobs = uow[JobRepository]
    jobs.create("/a")
    (job,) = jobs.claim("ada")
    jobs.complete(job)


# The work, and how many statements it is; the upsert changes nothing, and so reads what is there.
WRITES: dict[str, tuple[Callable[[UnitOfWork], None], int]] = {
    "nothing": (lambda _: None, 0),
    "upsert": (upsert, 2),
    "record_search": (search, 1),
    "a job": (work_on_a_job, 3),
}


def driver(uow: UnitOfWork) -> Any:
    return uow.connection.connection.driver_connection


def warm(room: Storeroom, work: Callable[[UnitOfWork], None]) -> None:
    for _ in range(8):  # psycopg prepares what it has sent five times
        room.run(work)


@requires.database_file
@pytest.mark.parametrize("what", WRITES)
def test_sqlite_is_sent_the_work_and_its_begin_and_commit(room: Storeroom, what: str) -> None:
    work, statements = WRITES[what]
    warm(room, work)
    sent: list[str] = []
    with room.write() as uow:
        driver(uow).set_trace_callback(sent.append)
    room.run(work)
    with room.write() as uow:
        driver(uow).set_trace_callback(None)
    inside = sent[sent.index("BEGIN IMMEDIATE") :]
    assert inside[statements + 1] == "COMMIT", inside
    assert sum(each == "BEGIN IMMEDIATE" for each in sent) == 2
    assert len(inside) == statements + 3, inside  # with the last one's begin


@contextmanager
def traced(room: Storeroom, file: Path) -> Iterator[list[str]]:
    """Take down the messages to a server as libpq traces them; a Query or a Sync is a round trip."""
    found: list[str] = []
    with file.open("w+") as trace:
        with room.write() as uow:
            driver(uow).pgconn.trace(trace.fileno())
        yield found
        with room.write() as uow:
            driver(uow).pgconn.untrace()
        trace.seek(0)
        found += [line for line in trace if re.search(r"\tF\t\d+\t(Query|Sync)", line)]


@requires.server
@pytest.mark.parametrize("what", WRITES)
def test_postgresql_is_sent_the_work_and_its_begin_and_commit(room: Storeroom, tmp_path: Path, what: str) -> None:
    work, statements = WRITES[what]
    warm(room, work)
    with traced(room, tmp_path / "trace") as found:
        room.run(work)
    # The commit of the first, the work with its begin and commit, and the begin of the last.
    assert len(found) == 1 + statements + 2 + 1, "".join(found)
