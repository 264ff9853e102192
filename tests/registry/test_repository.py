"""ModelRepository's verbs, each one statement, on every database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

import pytest
from pydantic import ValidationError
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import BaseRepository, ModelRepository, Record, Statement, Storeroom, UnitOfWork, plugin_registry
from storeroom.errors import Duplicate, FieldUnknown, NotFound, ValueRefused
from storeroom_notes import NoteRepository

NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))


class Base(DeclarativeBase):
    registry = plugin_registry("pairs")


class Pair(Base):
    """Its columns are called as the verbs' own parameters are."""

    __tablename__ = "pairs"

    key: Mapped[str] = mapped_column(primary_key=True)
    work: Mapped[str | None]
    at: Mapped[datetime | None]
    hidden: Mapped[int] = mapped_column(default=7)


class Tick(Base):
    __tablename__ = "pairs_ticks"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=NOON)


class Both(Base):
    __tablename__ = "pairs_both"

    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[int] = mapped_column(primary_key=True)


class PairRecord(Record):
    key: str
    work: str | None
    at: datetime | None


class TickRecord(Record):
    id: int
    at: datetime


class PairRepository(ModelRepository[Pair, PairRecord]):
    name = "pairs"


class TickRepository(ModelRepository[Tick, TickRecord]):
    name = "pairs.ticks"


@pytest.fixture
def uow(url: str) -> Iterator[UnitOfWork]:
    with Storeroom.open(url, discover=False, upgrade=True) as room, room.write() as uow:
        Base.metadata.create_all(uow.connection)
        yield uow


@pytest.fixture
def small() -> Iterator[UnitOfWork]:
    """A unit of work in memory, for what isn't the database's affair."""
    with Storeroom.open("sqlite://", discover=False, upgrade=True) as room, room.write() as uow:
        Base.metadata.create_all(uow.connection)
        yield uow


@pytest.fixture
def pairs(uow: UnitOfWork) -> PairRepository:
    return PairRepository(uow)


def test_add_returns_the_row_as_stored(pairs: PairRepository) -> None:
    assert pairs.add(key="a", work="w", at=NOON) == PairRecord(key="a", work="w", at=NOON)
    assert pairs.add(key="b") == PairRecord(key="b", work=None, at=None)


def test_columns_that_the_record_leaves_out_can_be_written(uow: UnitOfWork, pairs: PairRepository) -> None:
    pairs.add(key="a")
    pairs.add(key="b", hidden=8)
    stored = Statement(select(Pair.__table__.c.hidden).order_by(Pair.__table__.c.key)).all(uow)
    assert [row.hidden for row in stored] == [7, 8]


def test_add_without_fields_takes_every_default(uow: UnitOfWork) -> None:
    assert TickRepository(uow).add() == TickRecord(id=1, at=NOON)


@pytest.mark.parametrize("field", ["keys", "metadata", "self"])
def test_a_field_that_isnt_there_is_refused(small: UnitOfWork, field: str) -> None:
    pairs, before = PairRepository(small), small.statements
    with pytest.raises(
        FieldUnknown, match=f"no field '{field}' that add\\(\\) sets; use one of: key, work, at, hidden"
    ) as caught:
        pairs.add(**{"key": "a", field: 1})
    assert (caught.value.repository, caught.value.field) == ("pairs", field)
    assert isinstance(caught.value, ValueError)
    assert small.statements == before


def test_adding_a_key_twice_is_a_duplicate(uow: UnitOfWork, pairs: PairRepository) -> None:
    pairs.add(key="a")
    before = uow.statements
    with pytest.raises(Duplicate) as caught, uow.savepoint():
        pairs.add(key="a")
    assert uow.statements == before + 1
    assert (caught.value.table, caught.value.constraint) == ("pairs", "pk_pairs")
    assert pairs.count() == 1


def test_get_finds_by_key_and_says_when_there_is_none(pairs: PairRepository) -> None:
    pairs.add(key="a", work="w")
    assert pairs.get("a").work == "w"
    with pytest.raises(NotFound, match="PairRepository has no row with key 'b'; use get_or_none") as caught:
        pairs.get("b")
    assert (caught.value.repository, caught.value.key) == ("pairs", "b")
    assert isinstance(caught.value, LookupError)


def test_get_or_none_and_exists_ask_for_what_may_be_missing(pairs: PairRepository) -> None:
    added = pairs.add(key="a")
    assert (pairs.get_or_none("a"), pairs.get_or_none("b")) == (added, None)
    assert (pairs.exists("a"), pairs.exists("b")) == (True, False)


def test_list_is_in_the_order_of_keys_and_count_counts(pairs: PairRepository) -> None:
    assert (pairs.list(), pairs.count()) == ([], 0)
    for key in "cab":
        pairs.add(key=key)
    assert [pair.key for pair in pairs.list()] == ["a", "b", "c"]
    assert pairs.count() == 3


def test_delete_tells_whether_there_was_a_row(pairs: PairRepository) -> None:
    pairs.add(key="a")
    pairs.add(key="b")
    assert (pairs.delete("a"), pairs.delete("a")) == (True, False)
    assert [pair.key for pair in pairs.list()] == ["b"]


VERBS: dict[str, Callable[[PairRepository], object]] = {
    "add": lambda pairs: pairs.add(key="b"),
    "get": lambda pairs: pairs.get("a"),
    "get_or_none": lambda pairs: pairs.get_or_none("x"),
    "exists": lambda pairs: pairs.exists("a"),
    "list": lambda pairs: pairs.list(),
    "count": lambda pairs: pairs.count(),
    "delete": lambda pairs: pairs.delete("a"),
}


def test_each_verb_is_one_statement(uow: UnitOfWork, pairs: PairRepository) -> None:
    pairs.add(key="a")
    counted = {}
    for name, verb in VERBS.items():
        before = uow.statements
        verb(pairs)
        counted[name] = uow.statements - before
    assert counted == dict.fromkeys(VERBS, 1)


def test_points_in_time_come_back_in_utc(pairs: PairRepository) -> None:
    points = [NOON, NOON.astimezone(TOKYO), NOON.replace(microsecond=0), None]
    for place, at in enumerate(points):
        pairs.add(key=str(place), at=at)
    back = [pair.at for pair in pairs.list()]
    assert back == points
    assert {at.tzinfo for at in back if at is not None} == {UTC}


def test_points_in_time_sort_by_time_whatever_their_zone(uow: UnitOfWork) -> None:
    ticks = TickRepository(uow)
    for at in (NOON, (NOON - timedelta(hours=1)).astimezone(TOKYO), NOON.replace(microsecond=0)):
        ticks.add(at=at)
    ordered = Statement(select(Tick.__table__.c.id).order_by(Tick.__table__.c.at)).all(uow)
    assert [row.id for row in ordered] == [2, 3, 1]


def test_a_naive_time_is_refused_before_it_is_sent(pairs: PairRepository) -> None:
    with pytest.raises(ValueRefused, match="isn't a datetime with a time zone; give one"):
        pairs.add(key="a", at=NOON.replace(tzinfo=None))
    assert pairs.add(key="a").key == "a"


def test_records_outlive_their_unit_of_work_and_cant_be_changed(url: str) -> None:
    with Storeroom.open(url, allow=["notes"], upgrade=True) as room, room.write() as uow:
        written = uow[NoteRepository].write("x")
    assert written.text == "x"
    with pytest.raises(ValidationError, match="frozen"):
        written.text = "y"


def test_a_statement_returns_rows_one_row_a_value_or_a_number(uow: UnitOfWork, pairs: PairRepository) -> None:
    table = Pair.__table__
    works = Statement(select(table.c.work).where(table.c.key >= bindparam("low")).order_by(table.c.key))
    change = Statement(update(Pair).where(table.c.key >= bindparam("low")).values(work="new"))
    for key in "abc":
        pairs.add(key=key, work=key.upper())
    assert [row.work for row in works.all(uow, low="b")] == ["B", "C"]
    assert works.first(uow, low="b") == ("B",)
    assert works.scalar(uow, low="b") == "B"
    assert (works.all(uow, low="x"), works.first(uow, low="x"), works.scalar(uow, low="x")) == ([], None, None)
    assert (change.affected(uow, low="b"), change.affected(uow, low="x")) == (2, 0)


def test_a_record_with_a_field_that_is_no_column_is_refused() -> None:
    class Wrong(Record):
        key: str
        colour: str

    with pytest.raises(TypeError, match=r"Repo: record Wrong has fields \['colour'\] that table 'pairs' lacks; name"):

        class Repo(ModelRepository[Pair, Wrong]):
            name = "pairs"


def test_a_key_of_several_columns_is_refused() -> None:
    class Sides(Record):
        left: int

    with pytest.raises(TypeError, match=r"'pairs_both' has a primary key of several columns; use BaseRepository"):

        class Repo(ModelRepository[Both, Sides]):
            name = "pairs"


def test_a_model_without_a_table_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Repo: .*Base'> has no table; give a model that is mapped to one"):

        class Repo(ModelRepository[Base, PairRecord]):
            name = "pairs"


ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)
KeyedT = TypeVar("KeyedT", bound=Record)


class Counting(ModelRepository[ModelT, RecordT]):
    def twice(self) -> int:
        return 2 * self.count()


def test_a_subclass_may_stay_generic_until_it_is_given_a_model(small: UnitOfWork) -> None:
    class CountingPairs(Counting[Pair, PairRecord]):
        name = "pairs"

    class Heirs(CountingPairs):
        pass

    heirs = Heirs(small)
    heirs.add(key="a")
    assert (heirs.twice(), heirs.get("a").key) == (2, "a")


def test_a_subclass_that_gives_only_a_record_is_refused() -> None:
    class Half(ModelRepository[Pair, KeyedT]):
        pass

    with pytest.raises(TypeError, match="a model and a record, in this order"):

        class Repo(Half[PairRecord]):
            name = "pairs"


def test_a_repository_knows_its_unit_of_work(small: UnitOfWork) -> None:
    assert BaseRepository(small).uow is small
