"""The database's own time: written as UTCDateTime columns are, the same in a whole statement, served by indexes."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, literal, select, text, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import ValueRefused
from storeroom.sql import Executor, UTCDateTime, expired, from_now, now, unexpired
from storeroom.testing import requires
from tests.sql.tables import clear, create_tables, open_room, plan, samples

NOW = Statement(select(now()))
FROM_NOW = Statement(select(from_now(bindparam("seconds")), now()))
ADD_NOW = Statement(insert(samples).values(path="now", language="", at=now()))
ADD_AT = Statement(insert(samples).values(language=""))
BEFORE = Statement(select(samples.c.path).where(samples.c.at <= bindparam("time")).order_by(samples.c.path))
CENTURY = timedelta(days=36525)


def offset(work: Executor, seconds: float) -> timedelta:
    moved, present = FROM_NOW.all(work, seconds=seconds)[0]
    return moved - present  # type: ignore[no-any-return]  # of two datetimes


def test_now_is_the_time_of_the_statement_in_utc(room: Storeroom) -> None:
    with room.read() as uow:
        before, seen, after = datetime.now(UTC), NOW.scalar(uow), datetime.now(UTC)
        assert before - timedelta(milliseconds=1) <= seen <= after
        assert seen.tzinfo is UTC
        later = NOW.scalar(uow)
        while later == seen:  # SQLite has milliseconds
            later = NOW.scalar(uow)
        assert later > seen  # and not that of the transaction
        one, other = Statement(select(now(), now())).all(uow)[0]
        assert one == other


def test_now_is_stored_as_a_time_from_python_is(room: Storeroom) -> None:
    with room.write() as uow:
        ADD_NOW.affected(uow)
        stored = Statement(select(samples.c.at)).scalar(uow)
        ADD_AT.affected(uow, path="python", at=stored)
        raw = [str(row[0]) for row in Statement(text("SELECT CAST(at AS varchar) FROM proof_samples")).all(uow)]
        assert raw[0] == raw[1]


@given(st.integers(-(10**10), 10**10))
def test_the_order_of_times_holds_to_the_millisecond(shared_room: Storeroom, milliseconds: int) -> None:
    """A time in SQL beside the same from Python, one millisecond before, and one after it."""
    seconds = milliseconds / 1000
    with shared_room.write() as uow:
        clear(uow)
        ADD_FROM_NOW.affected(uow, seconds=seconds)
        time = Statement(select(samples.c.at)).scalar(uow)
        step = timedelta(milliseconds=1)
        for name, each in [("earlier", time - step), ("same", time), ("later", time + step)]:
            ADD_AT.affected(uow, path=name, at=each)
        assert [row.path for row in BEFORE.all(uow, time=time)] == ["earlier", "moved", "same"]
        assert [row.path for row in BEFORE.all(uow, time=time - step)] == ["earlier"]


ADD_FROM_NOW = Statement(insert(samples).values(path="moved", language="", at=from_now(bindparam("seconds"))))


@pytest.mark.parametrize("seconds", [0, 30, -30, 0.25, -0.75, 1e-9, 86_400 * 365.25, -1e9, 3e9, -3e9])
def test_so_many_seconds_from_now(room: Storeroom, seconds: float) -> None:
    with room.read() as uow:
        assert abs(offset(uow, seconds) - timedelta(seconds=seconds)) <= timedelta(milliseconds=1)


@pytest.mark.parametrize("seconds", [1e10, 1e15, 1e300, 10**30, -1e10, -1e15, -1e300])
def test_more_than_a_century_counts_as_one(room: Storeroom, seconds: float) -> None:
    with room.read() as uow:
        assert offset(uow, seconds) == math.copysign(1, seconds) * CENTURY


def test_no_seconds_are_no_time(room: Storeroom) -> None:
    with room.read() as uow:
        assert FROM_NOW.first(uow, seconds=None)[0] is None  # type: ignore[index]  # there is a row


@pytest.mark.parametrize("seconds", ["30", math.nan, math.inf, True])
def test_seconds_are_a_number(room: Storeroom, seconds: Any) -> None:
    with room.read() as uow, pytest.raises(ValueRefused, match=r"^seconds: ") as caught:
        FROM_NOW.all(uow, seconds=seconds)
    assert caught.value.field == "seconds"


def test_seconds_may_be_counted_by_the_database(room: Storeroom) -> None:
    """Of columns, of constants, and of both, as a pause that doubles with each attempt is."""
    with room.write() as uow:
        for path, attempts in [("a", 3), ("b", 62), ("c", None)]:
            ADD_AT.affected(uow, path=path, big=attempts)
        one = literal(1)
        pause = samples.c.big.op("*")(one) * 10
        Statement(update(samples).values(at=from_now(pause))).affected(uow)
        left = samples.c.at - now() if requires.native_types.met_by(uow) else samples.c.at
        rows = Statement(select(left)).all(uow)
        assert [row[0] is None for row in rows] == [False, False, True]
        constant = Statement(select(from_now(literal(-5)), now())).all(uow)[0]
        assert abs(constant[1] - constant[0] - timedelta(seconds=5)) <= timedelta(milliseconds=1)


def test_null_never_expires(room: Storeroom) -> None:
    times = {"past": -1, "present": 0, "future": 60, "never": None}
    at = from_now(bindparam("at"))
    with room.write() as uow:
        for path, seconds in times.items():
            Statement(insert(samples).values(language="", at=from_now(bindparam("seconds")))).affected(
                uow, path=path, seconds=seconds
            )
        assert paths(uow, expired(samples.c.at)) == ["past", "present"]
        assert paths(uow, unexpired(samples.c.at)) == ["future", "never"]
        assert paths(uow, expired(samples.c.at, at), at=3600) == ["future", "past", "present"]
        assert paths(uow, unexpired(samples.c.at, at), at=3600) == ["never"]
        assert paths(uow, expired(samples.c.at, bindparam("at")), at=datetime(2000, 1, 1, tzinfo=UTC)) == []
        # Together with other conditions, whose precedence it must not change.
        assert paths(uow, unexpired(samples.c.at) & (samples.c.path == "past")) == []
        assert paths(uow, ~unexpired(samples.c.at)) == ["past", "present"]


def paths(work: UnitOfWork, condition: Any, **parameters: Any) -> list[str]:
    found = Statement(select(samples.c.path).where(condition).order_by(samples.c.path))
    return [row.path for row in found.all(work, **parameters)]


def test_an_index_serves_what_has_expired(url: str) -> None:
    create_tables(url)
    with open_room(url) as room, room.write() as uow:
        Statement(text("CREATE INDEX ix_proof_samples_at ON proof_samples (at)")).affected(uow)
        for condition in (expired(samples.c.at), samples.c.at <= from_now(literal(-30))):
            assert "ix_proof_samples_at" in plan(uow, select(samples.c.id).where(condition))


def test_a_time_is_of_the_type_of_its_columns() -> None:
    assert isinstance(now().type, UTCDateTime)
    assert isinstance(from_now(literal(1)).type, UTCDateTime)
