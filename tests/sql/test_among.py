"""among finds the rows that a query chose, by an index, and the query runs once."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Select, bindparam, delete, insert, literal_column, not_, or_, select, text, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.sql import among
from tests.sql.tables import samples
from tests.support.dialects import explained

ADD = Statement(insert(samples).values(language=""))
NUMBERS = Statement(select(samples.c.number).order_by(samples.c.number))
LARGEST = select(samples.c.id).order_by(samples.c.number.desc()).limit(bindparam("some"))
LOCKED = LARGEST.with_for_update(skip_locked=True)
IN_LARGEST = among(samples.c.id, LARGEST)
NEXT: ColumnElement[int] = samples.c.number + literal_column("100")


def numbers(uow: UnitOfWork) -> Sequence[int]:
    return [row.number for row in NUMBERS.all(uow)]


@pytest.fixture
def five(room: Storeroom) -> Storeroom:
    with room.write() as uow:
        for number in range(5):
            ADD.affected(uow, path=str(number), number=number)
    return room


@pytest.mark.parametrize("query", [LARGEST, LOCKED])
def test_so_many_rows_are_changed_and_returned(five: Storeroom, query: Select[Any]) -> None:
    change = Statement(
        update(samples).where(among(samples.c.id, query)).values(number=NEXT).returning(samples.c.number)
    )
    with five.write() as uow:
        assert sorted(row.number for row in change.all(uow, some=2)) == [103, 104]
        assert numbers(uow) == [0, 1, 2, 103, 104]


def test_so_many_rows_are_deleted(five: Storeroom) -> None:
    with five.write() as uow:
        assert Statement(delete(samples).where(among(samples.c.id, LOCKED))).affected(uow, some=3) == 3
        assert numbers(uow) == [0, 1]


def test_it_is_a_condition_like_others(five: Storeroom) -> None:
    chosen = select(samples.c.number).order_by(samples.c.number)
    with five.read() as uow:
        for condition, expected in (
            (IN_LARGEST, [3, 4]),
            (not_(IN_LARGEST), [0, 1, 2]),
            (or_(IN_LARGEST, samples.c.number == 0), [0, 3, 4]),
            (IN_LARGEST & (samples.c.number < 4), [3]),
        ):
            assert [row.number for row in Statement(chosen.where(condition)).all(uow, some=2)] == expected


def test_a_query_without_rows_is_nobody(five: Storeroom) -> None:
    nobody = among(samples.c.id, LARGEST.where(samples.c.number > 99))
    with five.read() as uow:
        assert Statement(select(samples.c.number).where(nobody)).all(uow, some=2) == []


def test_the_index_serves_it_however_many_rows_are_chosen(room: Storeroom) -> None:
    """An IN over 2,000 of 10,000 rows is what PostgreSQL would read the whole table for."""
    fill = """
        INSERT INTO proof_samples (path, language, number, version)
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
        SELECT '/' || n, '', n, 1 FROM numbers
    """
    largest = select(samples.c.id).order_by(samples.c.number.desc()).limit(literal_column("2000"))
    change = update(samples).where(among(samples.c.id, largest)).values(number=NEXT)
    with room.write() as uow:
        uow.connection.execute(text(fill))
        uow.connection.execute(text("ANALYZE proof_samples"))
        sql = change.compile(dialect=uow.dialect, compile_kwargs={"literal_binds": True})
        rows = uow.connection.exec_driver_sql(explained(uow, str(sql))).all()
        plan = "\n".join(str(row[-1]) for row in rows)
        assert "SEARCH proof_samples USING INTEGER PRIMARY KEY" in plan or "using pk_proof_samples" in plan, plan
        Statement(delete(samples)).affected(uow)
