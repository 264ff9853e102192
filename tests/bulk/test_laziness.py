"""Items are read as they are written, and may come from the unit of work that writes them."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import select

from storeroom import UnitOfWork
from storeroom.errors import ValueRefused
from storeroom.testing import requires
from tests.bulk.limits import SMALL
from tests.bulk.tables import Entries, Tallies, left_behind, names, rows
from tests.sql.tables import tallies

Verb = Callable[[UnitOfWork, Iterator[str]], object]


def add(uow: UnitOfWork, given: Iterator[str]) -> object:
    return Tallies(uow).add_many({"name": name} for name in given)


def add_staged(uow: UnitOfWork, given: Iterator[str]) -> object:
    return Entries(uow).add_many({"name": name} for name in given)


def upsert(uow: UnitOfWork, given: Iterator[str]) -> object:
    return Tallies(uow).upsert_many({"name": name, "hits": 1} for name in given)


def upsert_again(uow: UnitOfWork, given: Iterator[str]) -> object:
    return Tallies(uow).upsert_many({"name": f"{int(name) % 10}", "hits": 1} for name in given)


def delete(uow: UnitOfWork, given: Iterator[str]) -> object:
    return Tallies(uow).delete_many(given)


VERBS = [add, add_staged, upsert, upsert_again, delete]


class Source:
    """Numbers as text, and how many statements had been run when each was asked for."""

    def __init__(self, uow: UnitOfWork, count: int) -> None:
        self.statements: list[int] = []
        self._uow, self._count = uow, count

    def __iter__(self) -> Iterator[str]:
        for number in range(self._count):
            self.statements.append(self._uow.statements)
            yield str(number)

    @property
    def longest(self) -> int:
        """How many were read, at most, without writing any."""
        return max(len(list(group)) for _, group in groupby(self.statements))


@pytest.mark.parametrize("verb", VERBS)
def test_no_more_is_read_than_one_statement_writes(uow: UnitOfWork, verb: Verb) -> None:
    source = Source(uow, 20)
    with SMALL():
        verb(uow, iter(source))
    assert len(source.statements) == 20
    assert source.longest <= 3


@pytest.mark.parametrize("verb", [add, upsert, delete])
def test_at_the_usual_limits_at_most_500_or_10000_are_read_ahead(uow: UnitOfWork, verb: Verb) -> None:
    source = Source(uow, 12_000)
    verb(uow, iter(source))
    assert source.longest <= (10_000 if requires.whole_sets.met_by(uow) else 500)


def test_nothing_is_read_after_an_item_that_is_refused(uow: UnitOfWork) -> None:
    read: list[Any] = []

    def generate() -> Iterator[Any]:
        for name in ["a", "b", "c", "d", 7, "e", "f"]:
            read.append(name)
            yield {"name": name}

    for verb in (Tallies(uow).add_many, Tallies(uow).upsert_many, Entries(uow).add_many):
        read.clear()
        with SMALL(), pytest.raises(ValueRefused, match=r"^item 4, name"):
            verb(generate())
        assert read == ["a", "b", "c", "d", 7]


@pytest.mark.parametrize("small", [True, False])
def test_items_may_be_asked_of_the_same_unit_of_work(uow: UnitOfWork, small: bool) -> None:
    """One by one, by its repositories and on its connection."""

    def generate() -> Iterator[dict[str, Any]]:
        for number in range(20):
            Tallies(uow).upsert(name="asked", hits=1)
            hits = uow.connection.execute(select(tallies.c.hits)).scalar_one()
            assert Tallies(uow).get("asked").hits == hits == number + 1
            yield {"name": f"{number}", "size": hits}

    with SMALL() if small else nullcontext():
        assert Entries(uow).add_many(generate()) == 20
    assert [entry.size for entry in Entries(uow).list(sort="id")] == list(range(1, 21))
    assert left_behind(uow) == []


def test_items_may_come_from_bulk_calls_of_the_same_unit_of_work(uow: UnitOfWork) -> None:
    """Three deep, each past the thresholds."""

    def deepest(number: int) -> Iterator[dict[str, Any]]:
        for each in range(5):
            if each == 3:
                assert Tallies(uow).delete_many(f"{number} x {key}" for key in range(3)) == 0
            yield {"name": f"{number} {each % 3}", "hits": 1}

    def generate() -> Iterator[dict[str, Any]]:
        for number in range(8):
            outcomes = Tallies(uow).upsert_many(deepest(number))
            assert list(outcomes) == ["inserted"] * 3 + ["updated"] * 2
            yield {"name": str(number), "size": Tallies(uow).count()}

    with SMALL():
        outcomes = Entries(uow).upsert_many(generate())
    assert list(outcomes) == ["inserted"] * 8
    assert [entry.size for entry in sorted(Entries(uow).list(), key=lambda entry: entry.name)] == list(range(3, 27, 3))
    assert [tally.hits for tally in Tallies(uow).list()] == [2, 2, 1] * 8
    assert left_behind(uow) == []


@pytest.mark.parametrize("small", [True, False])
def test_items_may_be_streamed_from_another_table_and_from_the_same(uow: UnitOfWork, small: bool) -> None:
    count = 30 if small else 1200
    with SMALL() if small else nullcontext():
        Tallies(uow).add_many({"name": f"{number:04}", "hits": 1} for number in range(count))
        streamed = (tally.name for tally in Tallies(uow).stream(size=7))
        assert Entries(uow).add_many({"name": name} for name in streamed) == count
        assert names(uow) == [f"{number:04}" for number in range(count)]
        again = Tallies(uow).upsert_many({"name": each.name, "hits": 1} for each in Tallies(uow).stream(size=7))
        assert again.count("updated") == count
        assert {tally.hits for tally in Tallies(uow).list()} == {2}
        assert Tallies(uow).delete_many(each.name for each in Tallies(uow).stream(size=7)) == count
        assert rows(uow, select(tallies)) == []


def test_a_stream_that_feeds_a_call_which_fails_is_closed(uow: UnitOfWork) -> None:
    with SMALL():
        Tallies(uow).add_many({"name": f"{number:02}"} for number in range(20))

        def keys() -> Iterator[Any]:
            for tally in Tallies(uow).stream(size=2):
                yield tally.name if tally.name < "11" else b"11"

        for _ in range(3):
            with pytest.raises(ValueRefused, match=r"^item 11, name: b'11' isn't text"):
                Tallies(uow).delete_many(keys())
            assert Tallies(uow).count() == 20
        assert Tallies(uow).delete_many(tally.name for tally in Tallies(uow).stream(size=2)) == 20
