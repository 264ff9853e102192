"""At 200,000 rows, a page is read by the index of its order: no scan, no sort, and a late one costs no more."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from storeroom import Settings, Storeroom, UnitOfWork
from tests.repository.tables import Base, LongRepository
from tests.support.dialects import spelled
from tests.support.plans import Cost, costs

pytestmark = pytest.mark.dear

ROWS = 200_000
SIZE = 50
# 10,000 rows of each rank, 1,400 of them with each title, and 3,750 of each minute; a quarter is without a time.
FILL = """
INSERT INTO stock_long (id, rank, title, at)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT n, n % 20, 'title ' || (n % 7), CASE WHEN n % 4 > 0 THEN {at} END FROM numbers
"""
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-01-01', printf('+%d minutes', n / 5000))",
    "postgresql": "timestamptz '2026-01-01 00:00+00' + make_interval(mins => n / 5000)",
}
# Of a page with a cursor; to read the rows of one rank, or of one minute, takes several times as much.
MOST_WORK = {"sqlite": 200 * SIZE, "postgresql": 4 * SIZE}

SAME, MIXED = "ix_stock_long_same", "ix_stock_long_mixed"
NULL, NULL_MIXED = "ix_stock_long_null", "ix_stock_long_null_mixed"


def minute(number: int) -> datetime:
    return datetime(2026, 1, 1, 0, number, tzinfo=UTC)


# An order, the index that serves it, and filters that lead to places in it: the middle first, the end last.
ORDERS: list[tuple[list[str], str, Sequence[dict[str, Any]]]] = [
    (["rank", "title"], SAME, [{"rank": 10}, {"rank": 19, "title": "title 6"}]),
    (["-rank", "-title"], SAME, [{"rank": 10}, {"rank": 0, "title": "title 0"}]),
    (["-rank", "title"], MIXED, [{"rank": 10}, {"rank": 0, "title": "title 6"}]),
    (["rank", "-title"], MIXED, [{"rank": 10}, {"rank": 19, "title": "title 0"}]),
    (["-at"], NULL, [{"until": minute(20)}, {"at": minute(0)}, {"at": None}, {"at": None, "under": 20_000}]),
    (["at"], NULL, [{"at": None}, {"at": minute(20)}, {"at": minute(39)}]),
    (["-at", "title"], NULL_MIXED, [{"until": minute(20)}, {"at": minute(0)}, {"at": None, "title": "title 6"}]),
    (["at", "-title"], NULL_MIXED, [{"at": None}, {"at": minute(20)}, {"at": minute(39), "title": "title 0"}]),
]


@pytest.fixture(scope="module")
def long_room(stock_url: str) -> Iterator[Storeroom]:
    """A room whose long table is filled, and analysed, which PostgreSQL does by itself a while after."""
    engine = create_engine(stock_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(FILL.format(at=spelled(connection, **AT))), {"rows": ROWS})
        connection.execute(text(spelled(connection, sqlite="ANALYZE", postgresql="VACUUM ANALYZE stock_long")))
        with Storeroom.open(stock_url, discover=False, settings=Settings(statement_timeout=0)) as room:
            yield room
        connection.execute(text("DELETE FROM stock_long"))
    engine.dispose()


def page_cost(uow: UnitOfWork, sort: Sequence[str], after: str | None) -> Cost:
    (found,) = costs(
        uow, Base.metadata, lambda: len(LongRepository(uow).page(size=SIZE, sort=sort, after=after).items) == SIZE
    )
    return found


@pytest.mark.parametrize(("sort", "index", "places"), ORDERS, ids=[",".join(sort) for sort, *_ in ORDERS])
def test_a_page_is_read_by_the_index_of_its_order_wherever_it_begins(
    long_room: Storeroom, sort: Sequence[str], index: str, places: Sequence[dict[str, Any]]
) -> None:
    with long_room.read() as uow:
        cursors = [LongRepository(uow).page(size=1, sort=sort, **filters).next for filters in places]
        first, *later = [page_cost(uow, sort, after) for after in [None, *cursors]]
        for found in (first, *later):
            assert not found.scanned, found.plan
            assert not found.is_sorted, found.plan
            assert index in found.indexes, found.plan  # beside another that fits a part as well
            assert found.work <= spelled(uow, **MOST_WORK), found.plan
        assert max(found.work for found in later) <= 10 * first.work
        assert later[-1].work <= 2 * later[0].work


def test_a_page_without_an_index_is_what_these_measures_tell_from_one_with_it(long_room: Storeroom) -> None:
    with long_room.read() as uow:
        found = page_cost(uow, ["title", "at"], None)
        most = spelled(uow, **MOST_WORK)
    assert found.is_sorted
    assert found.work > 5 * most
