"""delete_many: how many there were, whichever keys are given, how often, and what holds them meanwhile."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, MetaData, Table, create_engine, select, text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import ValueRefused
from storeroom.sql.bulk import delete_many, insert_many
from storeroom.testing import requires
from tests.bulk.limits import ANY_LIMITS, EXAMPLES, SMALL, Limits
from tests.bulk.tables import Branches, Entries, Tallies, branches, clear, names, rows
from tests.sql.tables import tallies
from tests.sql.values import BITS_64, plain_text

NAMES = st.sampled_from(["a", "A", "é", "", "\\N", "'%s\t"]) | plain_text(most=4)


def remaining(uow: UnitOfWork) -> set[Any]:
    return {row[0] for row in rows(uow, select(tallies.c.name))}


@pytest.mark.dear
@EXAMPLES
@given(st.sets(NAMES, max_size=9), st.lists(NAMES, max_size=14), ANY_LIMITS)
def test_the_rows_with_keys_of_text_are_deleted(
    shared_room: Storeroom, there: set[str], keys: list[str], limits: Limits
) -> None:
    with shared_room.write() as uow, limits():
        clear(uow)
        Tallies(uow).add_many({"name": name} for name in there)
        assert Tallies(uow).delete_many(iter(keys)) == len(there & set(keys))
        assert remaining(uow) == there - set(keys)


@pytest.mark.dear
@EXAMPLES
@given(st.sets(BITS_64, max_size=9), st.data(), ANY_LIMITS)
def test_the_rows_with_numbers_are_deleted(
    shared_room: Storeroom, there: set[int], data: st.DataObject, limits: Limits
) -> None:
    keys = data.draw(st.lists(st.sampled_from(sorted(there)) | BITS_64 if there else BITS_64, max_size=14))
    with shared_room.write() as uow, limits():
        clear(uow)
        Entries(uow).add_many({"id": number, "name": str(number)} for number in there)
        assert Entries(uow).delete_many(iter(keys)) == len(there & set(keys))
        assert set(names(uow)) == {str(number) for number in there - set(keys)}


@pytest.mark.parametrize("limits", [SMALL, Limits(few=100, longest=100)])
def test_keys_that_are_not_there_or_occur_twice_count_as_what_they_are(uow: UnitOfWork, limits: Limits) -> None:
    with limits():
        Tallies(uow).add_many({"name": name} for name in "abcdef")
        assert Tallies(uow).delete_many(["a", "x", "a", "b", "y", "b", "b"]) == 2
        assert Tallies(uow).delete_many(["a", "b"]) == 0
        assert Tallies(uow).delete_many(name for name in "fed") == 3
        assert remaining(uow) == {"c"}


def test_nothing_is_deleted_by_nothing(uow: UnitOfWork) -> None:
    Tallies(uow).add_many([{"name": "a"}])
    nothing: list[Iterable[str | None]] = [[], (), iter(()), [None]]  # no row has None as its key
    assert [Tallies(uow).delete_many(each) for each in nothing] == [0] * 4
    assert remaining(uow) == {"a"}


def test_keys_in_one_text_are_not_many_keys(uow: UnitOfWork) -> None:
    """A number where keys are text is refused, and so is the other way round."""
    with pytest.raises(ValueRefused, match=r"^item 0, id: 'a' isn't a whole number"):
        Entries(uow).delete_many("abc")


@pytest.mark.parametrize("limits", [SMALL, Limits(few=100, longest=100)])
def test_keys_of_rows_that_have_gone_with_others_are_no_error(uow: UnitOfWork, limits: Limits) -> None:
    """Each of the ten grows on the one before it: the first five are named, and take the others with them."""
    with limits():
        Branches(uow).add_many({"id": number, "parent": number - 1 or None} for number in range(1, 11))
        assert Branches(uow).delete_many(range(1, 6)) > 0
        assert rows(uow, select(branches)) == []


def wait_until_it_waits(uow: UnitOfWork) -> None:
    """Wait until another transaction waits for this one; on SQLite it does so before its first statement."""
    waiting = Statement(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    until = time.monotonic() + 30
    while requires.row_locks.met_by(uow) and not waiting.scalar(uow):
        assert time.monotonic() < until


@pytest.mark.parametrize("count", [5, 1500])
def test_rows_that_another_transaction_changes_meanwhile_are_deleted_all_the_same(room: Storeroom, count: int) -> None:
    keys = [str(number) for number in range(count)]
    with room.write() as uow:
        Tallies(uow).add_many({"name": key, "hits": 1} for key in keys)
    with ThreadPoolExecutor(1) as other:
        with room.write() as uow:
            Tallies(uow).upsert_many({"name": key, "hits": 1} for key in keys[::2])
            deleted = other.submit(room.run, lambda uow: Tallies(uow).delete_many(keys), attempts=1)
            wait_until_it_waits(uow)
        assert deleted.result() == count
    with room.read() as uow:
        assert remaining(uow) == set()


@pytest.mark.dear
@pytest.mark.parametrize(("rows", "keys"), [(60_000, 1000), (20_000, 20_000)])
def test_it_takes_no_longer_where_the_database_takes_the_table_for_empty(
    room: Storeroom, bulk_url: str, rows: int, keys: int
) -> None:
    """PostgreSQL may analyse a table while rows aren't committed: each key with each row takes 100 times as long."""

    def seconds(analyse: Callable[[UnitOfWork, str], object]) -> float:
        table = Table(f"bulk_{analyse.__name__}", MetaData(), Column("id", BigInteger, primary_key=True))
        with room.write() as uow:
            table.create(uow.connection)
        with room.write() as uow:
            insert_many(uow, table, ({"id": number} for number in range(rows)))
            analyse(uow, table.name)
            start = time.perf_counter()
            assert delete_many(uow, table.c.id, range(keys)) == keys
            taken = time.perf_counter() - start
            table.drop(uow.connection)
        return taken

    def within(uow: UnitOfWork, table: str) -> None:
        uow.connection.execute(text(f"ANALYZE {table}"))

    def outside(uow: UnitOfWork, table: str) -> None:
        if requires.row_locks.met_by(uow):  # elsewhere nobody can analyse meanwhile
            engine = create_engine(bulk_url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"ANALYZE {table}"))
            engine.dispose()

    assert seconds(outside) < 20 * seconds(within)
