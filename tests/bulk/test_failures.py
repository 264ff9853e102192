"""What the database refuses, and what the program raises, in the middle of a call: all of it is undone, and no more."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import (
    CheckFailed,
    ConstraintViolated,
    Duplicate,
    ForeignKeyMissing,
    NullRefused,
    StaleVersion,
    TransactionEnded,
    ValueRefused,
)
from storeroom.testing import Server, requires
from tests.bulk.limits import SMALL, Limits
from tests.bulk.tables import Entries, Owners, Tallies, clear, create_tables, left_behind, names
from tests.sql.model import Row
from tests.sql.tables import open_room

Verb = Callable[[UnitOfWork, Iterator[Row]], object]


def add(uow: UnitOfWork, items: Iterator[Row]) -> object:
    return Entries(uow).add_many(items)


def upsert(uow: UnitOfWork, items: Iterator[Row]) -> object:
    return Entries(uow).upsert_many(items)


def delete(uow: UnitOfWork, items: Iterator[Row]) -> object:
    return Entries(uow).delete_many(-item["size"] for item in items)


@dataclass(frozen=True)
class Refusal:
    """What an item has that the database refuses."""

    verb: Verb
    fields: Row
    error: type[ConstraintViolated]
    constraint: str | None
    columns: Sequence[str] = ()

    def check(self, uow: UnitOfWork, error: ConstraintViolated) -> None:
        assert type(error) is self.error
        if self.error is not ForeignKeyMissing or requires.named_foreign_keys.met_by(uow):
            assert error.table == "bulk_entries"
            assert error.constraint == self.constraint
            assert tuple(error.columns) in {tuple(self.columns), ()}


REFUSALS = [
    Refusal(add, {"name": "there"}, Duplicate, "uq_bulk_entries_name", ["name"]),
    Refusal(add, {"name": "0"}, Duplicate, "uq_bulk_entries_name", ["name"]),  # which is in the call itself
    Refusal(add, {"owner": "nobody"}, ForeignKeyMissing, "fk_bulk_entries_owner_bulk_owners", ["owner"]),
    Refusal(add, {"size": -1}, CheckFailed, "ck_bulk_entries_size"),
    Refusal(add, {"name": None}, NullRefused, None, ["name"]),
    Refusal(upsert, {"id": -1}, Duplicate, "pk_bulk_entries", ["id"]),
    Refusal(upsert, {"owner": "nobody"}, ForeignKeyMissing, "fk_bulk_entries_owner_bulk_owners", ["owner"]),
    Refusal(upsert, {"name": "there", "size": -1}, CheckFailed, "ck_bulk_entries_size"),
    Refusal(upsert, {"name": None}, NullRefused, None, ["name"]),
    Refusal(upsert, {"name": "there", "kind": None}, NullRefused, None, ["kind"]),
]
LIMITS = [SMALL, Limits(few=20, longest=20)]


def items(refusal: Refusal, position: int) -> Iterator[Row]:
    for number in range(12):
        item = {"id": number + 100, "name": str(number), "owner": "ada", "size": number, "kind": "k"}
        yield item | refusal.fields if number == position else item


@pytest.fixture
def there(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work that has written an entry, with an owner."""
    clear(uow)
    Owners(uow).add_many([{"id": "ada"}])
    Entries(uow).add_many([{"id": -1, "name": "there", "owner": "ada"}])
    return uow


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(
    "refusal",
    REFUSALS,
    ids=[f"{each.verb.__name__}-{each.error.__name__}-{number}" for number, each in enumerate(REFUSALS)],
)
def test_a_row_that_the_database_refuses_leaves_nothing_behind(
    there: UnitOfWork, refusal: Refusal, limits: Limits
) -> None:
    for position in (1, 5, 11):
        with limits(), pytest.raises(ConstraintViolated) as caught:
            refusal.verb(there, items(refusal, position))
        refusal.check(there, caught.value)
        assert names(there) == ["there"]
        assert left_behind(there) == []
    assert Entries(there).add_many([{"name": "after"}]) == 1


@pytest.mark.parametrize("limits", LIMITS)
def test_rows_that_others_refer_to_are_not_deleted(there: UnitOfWork, limits: Limits) -> None:
    Owners(there).add_many({"id": str(number)} for number in range(9))
    keys = [*map(str, range(7)), "ada", "7", "8"]
    with limits(), pytest.raises(ForeignKeyMissing):
        Owners(there).delete_many(keys)
    assert Owners(there).count() == 10
    assert left_behind(there) == []
    Entries(there).delete_many([-1])
    assert Owners(there).delete_many(keys) == 10


class Odd(BaseException):
    """What no library knows."""


RAISED: list[BaseException] = [
    ValueError("of the program's"),
    TypeError("of the program's"),
    LookupError("of the program's"),
    KeyboardInterrupt(),
    SystemExit(3),
    Odd(),
    StaleVersion("of the program's"),
    ValueRefused("of the program's", position=77),
]


@pytest.mark.parametrize("verb", [add, upsert, delete])
@pytest.mark.parametrize("error", RAISED, ids=[type(each).__name__ for each in RAISED])
def test_what_the_source_raises_passes_as_it_is(there: UnitOfWork, verb: Verb, error: BaseException) -> None:
    def generate(position: int) -> Iterator[Row]:
        for number in range(12):
            if number == position:
                raise error
            yield {"name": str(number), "size": number}

    for limits in LIMITS:
        for position in (0, 1, 5, 11):
            with limits(), pytest.raises(type(error)) as caught:
                verb(there, generate(position))
            assert caught.value is error
            assert error.__cause__ is None
            assert names(there) == ["there"]
            assert left_behind(there) == []
    assert Entries(there).add_many([{"name": "after"}]) == 1
    assert Entries(there).delete_many([-1]) == 1


@pytest.mark.parametrize("verb", [add, upsert, delete])
def test_a_statement_of_the_source_that_fails_undoes_the_call(there: UnitOfWork, verb: Verb) -> None:
    def generate(position: int, *, tolerant: bool) -> Iterator[Row]:
        for number in range(12):
            if number == position:
                try:
                    Owners(there).add(id="ada")
                except Duplicate:
                    if not tolerant:
                        raise
            yield {"name": str(number), "size": number}

    for position in (1, 5, 11):
        with SMALL(), pytest.raises(Duplicate):
            verb(there, generate(position, tolerant=False))
        with SMALL(), pytest.raises(TransactionEnded):
            verb(there, generate(position, tolerant=True))
        assert names(there) == ["there"]
        assert left_behind(there) == []
    assert Entries(there).add_many([{"name": "after"}]) == 1


def test_an_error_that_nobody_catches_rolls_the_unit_of_work_back(room: Storeroom) -> None:
    def write(uow: UnitOfWork) -> None:
        Entries(uow).add_many({"name": str(number)} for number in range(9))
        Entries(uow).add_many({"name": str(number % 8)} for number in range(100, 109))

    with SMALL(), pytest.raises(Duplicate):
        room.run(write)
    with room.read() as uow:
        assert names(uow) == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interrupts raise KeyboardInterrupt, also where the suite runs in the background, whose processes ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("few", [5, 1500])
def test_an_interrupt_while_a_statement_waits_undoes_the_call(server: Server, few: int) -> None:
    """From the keyboard, while another transaction holds the lock that the call needs."""
    url = create_tables(server.create_database())
    waiting = Statement(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    def interrupt(room: Storeroom) -> None:
        with room.read() as uow:
            while not waiting.scalar(uow):
                pass
        os.kill(os.getpid(), signal.SIGINT)

    with open_room(url) as room, ThreadPoolExecutor(1) as other:
        room.run(lambda uow: Tallies(uow).add(name="7"))
        holder = room.write()
        holding = other.submit(lambda: Tallies(holder.__enter__()).upsert(name="7", hits=1))
        holding.result()
        with room.write() as uow:
            Tallies(uow).add(name="before")
            interrupting = other.submit(interrupt, room)
            with pytest.raises(KeyboardInterrupt):
                Tallies(uow).upsert_many({"name": str(number), "hits": 1} for number in range(few + 5))
            interrupting.result()
            assert left_behind(uow) == []
            assert Tallies(uow).count() == 2
            Tallies(uow).upsert_many([{"name": "after", "hits": 1}])
        other.submit(holder.__exit__, None, None, None).result()
        with room.read() as uow:
            assert {tally.name: tally.hits for tally in Tallies(uow).list()} == {"7": 1, "after": 1, "before": 0}
    server.drop_database(url)
