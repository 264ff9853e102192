"""What a call leaves in its session: no temporary table, no other limit than was set, whoever set it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, func, select, text

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom.errors import Timeout, ValueRefused
from storeroom.sql.bulk import insert_many, staging, upsert_many
from storeroom.sql.upsert import UpsertRule
from storeroom.testing import Server
from tests.bulk.limits import SMALL
from tests.bulk.tables import Entries, Tallies, create_tables, left_behind, rows
from tests.sql.tables import KEY, open_room, samples

TIMEOUT = Statement(text("SHOW statement_timeout"))


def every_way(uow: UnitOfWork, size: int) -> None:
    """Make a call of each verb, with and without repeated keys."""
    Tallies(uow).upsert_many({"name": str(number), "hits": 1} for number in range(size))
    Tallies(uow).upsert_many({"name": str(number % 5), "hits": 1} for number in range(size))
    Entries(uow).add_many({"name": str(number)} for number in range(size))
    Entries(uow).upsert_many({"name": str(number), "size": 7} for number in range(size))
    Tallies(uow).delete_many(str(number) for number in range(size))
    Entries(uow).delete_many(entry.id for entry in Entries(uow).list())


def test_nothing_is_left_in_the_same_transaction(uow: UnitOfWork) -> None:
    with SMALL():
        for _ in range(2):
            every_way(uow, 12)
            assert left_behind(uow) == []
            assert Tallies(uow).count() == Entries(uow).count() == 0


def test_a_savepoint_that_is_undone_is_in_the_way_of_no_later_call(room: Storeroom) -> None:
    def fail(uow: UnitOfWork) -> None:
        with uow.savepoint():
            every_way(uow, 12)
            raise LookupError

    with SMALL(), room.write() as uow:
        for _ in range(2):
            with pytest.raises(LookupError):
                fail(uow)
            assert left_behind(uow) == []
            with pytest.raises(ValueRefused):
                Tallies(uow).upsert_many({"name": "a" if number < 11 else 7} for number in range(12))
            every_way(uow, 12)
            assert left_behind(uow) == []


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    url = create_tables(server.create_database())
    yield url
    server.drop_database(url)


@pytest.fixture
def server_room(server_url: str) -> Iterator[Storeroom]:
    with open_room(server_url) as room:
        yield room


def test_the_limit_of_a_transaction_is_as_before(server_room: Storeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "LOT", 3)
    with SMALL(), server_room.write() as uow:
        assert TIMEOUT.scalar(uow) == "30s"
        every_way(uow, 12)
        assert TIMEOUT.scalar(uow) == "30s"
        with pytest.raises(ValueRefused):
            Tallies(uow).upsert_many({"name": "a" if number < 11 else 7} for number in range(12))
        assert TIMEOUT.scalar(uow) == "30s"


def test_a_limit_that_the_program_has_set_is_as_before(server_room: Storeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "LOT", 3)
    with SMALL(), server_room.write() as uow:
        for limit in ("10min", "0", "20s"):
            uow.connection.execute(text(f"SET LOCAL statement_timeout = '{limit}'"))
            every_way(uow, 12)
            assert TIMEOUT.scalar(uow) == limit


def test_the_limit_of_a_transaction_that_was_joined_is_as_before(
    server_room: Storeroom, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "LOT", 3)
    engine = create_engine(server_url)
    with engine.connect() as connection, connection.begin():
        before = connection.execute(text("SHOW statement_timeout")).scalar_one()
        with SMALL(), server_room.bind(connection) as uow:
            every_way(uow, 12)
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == before == "0"
    engine.dispose()


def test_a_statement_over_many_rows_may_take_longer(server_room: Storeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many times as there are lots in it: it writes down its own limit."""
    monkeypatch.setattr(staging, "LOT", 3)
    seen = UpsertRule(samples, KEY, {"note": lambda _old, _new: func.current_setting("statement_timeout")})
    for size, limit in ((2, "30s"), (3, "30s"), (12, "2min")):
        with SMALL(), server_room.write() as uow:
            for _ in range(2):
                upsert_many(uow, seen, ({"path": str(number), "language": None} for number in range(size)))
            assert rows(uow, select(samples.c.note).distinct()) == [(limit,)]


def test_work_memory_is_no_matter(server_url: str) -> None:
    """Where half of the keys occur again, and PostgreSQL can't hold them in memory, it doesn't compare each with each.

    That would take a minute; it takes less than a second.
    """
    with (
        Storeroom.open(server_url, discover=False, settings=Settings(statement_timeout=1)) as room,
        room.write() as uow,
    ):
        uow.connection.execute(text("SET LOCAL work_mem = '64kB'"))
        keys = [*range(20_000), *range(20_000)]
        outcomes = Tallies(uow).upsert_many({"name": str(key), "hits": 1} for key in keys)
    assert (outcomes.count("inserted"), outcomes.count("updated")) == (20_000, 20_000)


def test_one_statement_over_few_rows_has_the_usual_limit(server_url: str) -> None:
    settings = Settings(statement_timeout=0.2)
    with Storeroom.open(server_url, discover=False, settings=settings) as room, room.write() as uow:
        slow = UpsertRule(samples, KEY, {"note": lambda _old, _new: func.concat(func.pg_sleep(9), "x")})
        insert_many(uow, samples, [{"path": "a", "language": None}])
        with pytest.raises(Timeout):
            upsert_many(uow, slow, [{"path": "a", "language": None}])
        assert TIMEOUT.scalar(uow) == "200ms"
        assert rows(uow, select(samples.c.path, samples.c.note)) == [("a", None)]
