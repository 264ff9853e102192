"""Statement.stream: rows as they come, so many at a time, on a cursor that never outlives its transaction."""

import gc
import itertools
import tracemalloc
from typing import Any

import pytest
from sqlalchemy import bindparam, create_engine, insert, literal_column, select, text

from storeroom import Statement, Storeroom
from storeroom.errors import StatementFailed, UnitOfWorkClosed
from storeroom.testing import requires
from tests.sql.tables import open_room, samples, tallies

NUMBERS = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most)
SELECT n, 'the number ' || n AS name FROM numbers
"""
COUNT = Statement(text(NUMBERS))
ADD = Statement(insert(tallies))
NAMES = Statement(select(tallies.c.name).order_by(tallies.c.name))


def test_it_gives_what_all_gives(room: Storeroom) -> None:
    with room.read() as uow:
        for most, size in itertools.product((1, 9, 10, 11, 25), (1, 10, 1000)):
            rows = list(COUNT.stream(uow, size=size, most=most))
            assert rows == list(COUNT.all(uow, most=most))
            assert rows[-1].name == f"the number {most}"
        assert list(Statement(select(tallies.c.name)).stream(uow)) == []


def test_it_reads_so_many_at_a_time(room: Storeroom) -> None:
    """A division that fails at row 50 isn't come to before that."""
    failing = Statement(text(f"SELECT n, abs(-9223372036854775807 - (n / 50)) AS x FROM ({NUMBERS}) AS numbers"))
    with room.read() as uow:
        rows = failing.stream(uow, size=10, most=100)
        assert [row.n for row in itertools.islice(rows, 40)] == list(range(1, 41))
        with pytest.raises(StatementFailed, match=r"overflow|out of range"), uow.savepoint():
            list(rows)


def test_a_statement_counts_once_and_when_it_begins(room: Storeroom) -> None:
    with room.read() as uow:
        rows = COUNT.stream(uow, size=2, most=10)
        assert uow.statements == 0
        next(rows)
        list(rows)
        assert uow.statements == 1


def test_other_statements_may_run_between(room: Storeroom) -> None:
    with room.write() as uow:
        for name in "abcdef":
            ADD.affected(uow, name=name)
        one, other = NAMES.stream(uow, size=2), NAMES.stream(uow, size=3)
        seen = []
        for first, second in zip(one, other, strict=True):
            seen.append(first.name)
            assert second == first
            with uow.savepoint():
                COUNT.first(uow, most=1)
        assert seen == list("abcdef")


def test_leaving_early_closes_it(room: Storeroom) -> None:
    with room.write() as uow:
        ADD.affected(uow, name="a")
        for row in COUNT.stream(uow, size=2, most=100_000):
            if row.n == 3:
                break
        gc.collect()
        assert open_cursors(uow) == 0
        Statement(text("DROP TABLE IF EXISTS proof_nothing")).affected(uow)


def open_cursors(uow: Any) -> int:
    if requires.database_file.met_by(uow):
        return len(uow._transaction.runner._streams)
    return int(Statement(text("SELECT count(*) FROM pg_cursors WHERE name <> ''")).scalar(uow))


def test_after_the_unit_of_work_it_says_so(room: Storeroom) -> None:
    with room.write() as uow:
        ADD.affected(uow, name="a")
        begun, unread, untouched = (COUNT.stream(uow, size=2, most=9) for _ in range(3))
        next(begun)  # the next row was read already, and counts no more
        list(itertools.islice(unread, 2))
    for rows in (begun, unread, untouched):
        with pytest.raises(UnitOfWorkClosed, match="read what a statement streams inside its 'with' block"):
            next(rows)
    with pytest.raises(UnitOfWorkClosed):
        COUNT.stream(uow, most=1)


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_left_open_does_not_reach_the_next_transaction(url: str, fails: bool) -> None:
    """On SQLite it would go on reading the old state; a server's cursor would be closed in the wrong transaction."""
    from tests.sql.tables import create_tables

    create_tables(url)
    with open_room(
        url,
    ) as room:
        with room.write() as uow:
            for number in range(50):
                ADD.affected(uow, name=f"{number:02}")
        kept = []
        try:
            with room.read() as uow:
                rows = NAMES.stream(uow, size=2)
                kept.append(next(rows))
                if fails:
                    raise LookupError
        except LookupError:
            pass
        with room.write() as uow:
            ADD.affected(uow, name="later")
            del rows  # which closes it
            assert len(NAMES.all(uow)) == 51
        with room.read() as uow:
            assert len(NAMES.all(uow)) == 51


def test_a_joined_transaction_ends_it_too(url: str) -> None:
    engine = create_engine(url)
    with open_room(url) as room, engine.begin() as connection:
        with room.bind(connection) as uow:
            rows = COUNT.stream(uow, size=2, most=9)
            next(rows)
        with pytest.raises(UnitOfWorkClosed):
            next(rows)
        assert connection.scalar(select(literal_column("1"))) == 1
    engine.dispose()


@pytest.mark.dear
def test_memory_is_flat_over_200_000_rows(room: Storeroom) -> None:
    with room.read() as uow:
        rows = COUNT.stream(uow, most=200_000)
        next(rows)
        tracemalloc.start()
        try:
            consumed = sum(1 for _ in rows)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert consumed == 199_999
    assert peak < 4 * 2**20


def test_a_missing_table_is_told_at_the_first_row(room: Storeroom) -> None:
    missing = Statement(text("SELECT * FROM proof_nowhere WHERE id = :id"))
    with room.read() as uow:
        rows = missing.stream(uow, id=1)
        with pytest.raises(StatementFailed, match="proof_nowhere"), uow.savepoint():
            next(rows)


def test_it_takes_parameters_of_columns(room: Storeroom) -> None:
    found = Statement(select(samples.c.id).where(samples.c.language == bindparam("language")))
    with room.write() as uow:
        Statement(insert(samples)).affected(uow, path="a", language=None)
        assert len(list(found.stream(uow, language=None))) == 1
