"""How many statements the verbs run at their thresholds, as they say; and that nothing is wrong just there."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Column, Integer, MetaData, Table, func, select

from storeroom import UnitOfWork
from storeroom.sql.bulk import insert_many
from storeroom.testing import requires
from tests.bulk.limits import Limits
from tests.bulk.tables import Entries, Samples, Tallies, clear, entries, names, rows
from tests.sql.tables import samples, tallies


class Counted:
    """How many statements are run, from one look to the next."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow, self._before = uow, uow.statements

    def run(self) -> int:
        before, self._before = self._before, self._uow.statements
        return self._before - before


def sizes(uow: UnitOfWork) -> Iterator[tuple[int, int]]:
    """Yield how many items there are, on both sides of each threshold, and how many statements they take.

    One for 500 rows on SQLite; on PostgreSQL one up to 1,000, above that a COPY for 10,000. The tables are empty.
    """
    lists = [(1, 1), (499, 1), (500, 1), (501, 2), (1000, 2), (1001, 3)]
    whole = [(1, 1), (999, 1), (1000, 1), (1001, 1), (10_000, 1), (10_001, 2)]
    for size, statements in whole if requires.whole_sets.met_by(uow) else lists:
        clear(uow)
        yield size, statements


def staged(uow: UnitOfWork, size: int, more: int) -> int:
    """Return how many more statements staging needs, which is on PostgreSQL only, and above 1,000 rows."""
    return more if size > 1000 and requires.whole_sets.met_by(uow) else 0


def test_add_many_copies(uow: UnitOfWork) -> None:
    for size, statements in sizes(uow):
        counted = Counted(uow)
        assert Samples(uow).add_many({"path": str(number), "language": None} for number in range(size)) == size
        assert counted.run() == statements
        assert rows(uow, select(func.count(), func.max(samples.c.version)).select_from(samples)) == [(size, 1)]


def test_add_many_stages_for_defaults_that_are_sql(uow: UnitOfWork) -> None:
    """Create, insert, drop."""
    for size, statements in sizes(uow):
        counted = Counted(uow)
        assert Entries(uow).add_many({"name": str(number)} for number in range(size)) == size
        assert counted.run() == statements + staged(uow, size, 3)
        assert names(uow) == [str(number) for number in range(size)]
        assert rows(uow, select(func.count(entries.c.at))) == [(size,)]


# The hits that every other item has, and what comes of them.
ROUNDS = [
    ((1, 1), ("inserted", "inserted")),
    ((1, 1), ("updated", "updated")),
    ((0, 1), ("unchanged", "updated")),
]


def test_upsert_many_stages(uow: UnitOfWork) -> None:
    """Create, analyse, look for keys that occur twice, write, drop."""
    for size, statements in sizes(uow):
        counted = Counted(uow)
        for hits, outcomes in ROUNDS:
            items = ({"name": str(number), "hits": hits[number % 2]} for number in range(size))
            assert Tallies(uow).upsert_many(items) == [outcomes[number % 2] for number in range(size)]
            assert counted.run() == statements + staged(uow, size, 5)
        stored = rows(uow, select(tallies.c.hits, func.count()).group_by(tallies.c.hits, tallies.c.version))
        assert dict(stored) == {2: (size + 1) // 2} | ({3: size // 2} if size > 1 else {})


def test_a_key_that_occurs_again_takes_more(uow: UnitOfWork) -> None:
    """The last three items have the first one's key: one more for each that is in one statement with another.

    Staging needs seven more: two tables, two indexes, analyse, collect the outcomes, drop.
    """
    for size, statements in sizes(uow):
        counted = Counted(uow)
        keys = [*range(size - 3), 0, 0, 0][:size]
        outcomes = Tallies(uow).upsert_many({"name": str(key), "hits": 1} for key in keys)
        assert outcomes == (["inserted"] * (size - 3) + ["updated"] * 3 if size > 1 else ["inserted"])
        if not requires.whole_sets.met_by(uow):
            lists = [keys[start : start + 500] for start in range(0, size, 500)]
            assert counted.run() == sum(max(Counter(each).values()) for each in lists)
        else:
            assert counted.run() == statements + staged(uow, size, 5 + 7) + keys.count(0) - 1
        assert Tallies(uow).get("0").hits == keys.count(0)


def test_delete_many_stages(uow: UnitOfWork) -> None:
    """Create, find the places, delete, drop both."""
    for size, statements in sizes(uow):
        Tallies(uow).add_many({"name": str(number)} for number in range(size + 1))
        counted = Counted(uow)
        assert Tallies(uow).delete_many(str(number) for number in range(size)) == size
        assert counted.run() == statements + staged(uow, size, 5)
        assert [tally.name for tally in Tallies(uow).list()] == [str(size)]


def test_a_list_has_no_more_parameters_than_sqlite_takes(uow: UnitOfWork) -> None:
    """Two a row: two rows have four."""
    counted = Counted(uow)
    with Limits(few=10, longest=10, parameters=5)():
        Samples(uow).add_many({"path": str(number), "language": None} for number in range(5))
        assert counted.run() == (1 if requires.whole_sets.met_by(uow) else 3)
        Samples(uow).upsert_many({"path": str(number), "language": None} for number in range(5))
        assert counted.run() == (1 if requires.whole_sets.met_by(uow) else 3)


def test_a_table_of_many_columns_is_written_in_shorter_lists(uow: UnitOfWork) -> None:
    """Of 100 columns, at the limit that SQLite has."""
    wide = Table("bulk_wide", MetaData(), *(Column(f"c{number}", Integer) for number in range(100)))
    wide.create(uow.connection)
    item = {f"c{number}": number for number in range(100)}
    counted = Counted(uow)
    assert insert_many(uow, wide, (item for _ in range(400))) == 400
    assert counted.run() == (1 if requires.whole_sets.met_by(uow) else 2)
    assert rows(uow, select(func.count(), func.sum(wide.c.c99)).select_from(wide)) == [(400, 400 * 99)]
    wide.drop(uow.connection)
