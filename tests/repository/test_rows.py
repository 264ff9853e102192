"""One row: added, found by its key, deleted."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from storeroom import Statement, StatementRun, Storeroom, UnitOfWork
from storeroom.errors import Duplicate, FieldUnknown, NotFound, NullRefused, ReadOnly, ValueRefused
from tests.repository.tables import (
    NOON,
    ItemRepository,
    Mood,
    PairRecord,
    PairRepository,
    TickRecord,
    TickRepository,
    pairs,
    ticks,
)

TOKYO = timezone(timedelta(hours=9))


@pytest.fixture
def shop(uow: UnitOfWork) -> PairRepository:
    return PairRepository(uow)


def test_add_returns_the_row_as_stored(shop: PairRepository) -> None:
    assert shop.add(key="a", work="w", at=NOON) == PairRecord(key="a", work="w", at=NOON)
    assert shop.add(key="b") == PairRecord(key="b", work=None, at=None)


def test_columns_that_the_record_leaves_out_can_be_written(uow: UnitOfWork, shop: PairRepository) -> None:
    shop.add(key="a")
    shop.add(key="b", hidden=8)
    stored = Statement(select(pairs.c.hidden).order_by(pairs.c.key)).all(uow)
    assert [row.hidden for row in stored] == [7, 8]


def test_add_without_fields_takes_every_default(uow: UnitOfWork) -> None:
    added = TickRepository(uow).add()
    assert added == TickRecord(id=added.id, at=NOON)


def test_a_new_row_has_version_one_and_its_defaults(stock: ItemRepository) -> None:
    added = stock.add(code="a", language="")
    assert (added.version, added.rank, added.hits, added.language, added.added_at) == (1, 0, 1, None, NOON)
    assert stock.get(added.id) == added


@pytest.mark.parametrize("field", ["keys", "metadata", "self", "version", "_key", "", "Key"])
def test_a_field_that_isnt_there_is_refused(uow: UnitOfWork, sent: list[StatementRun], field: str) -> None:
    shop, before = PairRepository(uow), len(sent)
    with pytest.raises(
        FieldUnknown, match=f"no field '{field}' that add\\(\\) sets; use one of: key, work, at, hidden"
    ) as caught:
        shop.add(**{"key": "a", field: 1})
    assert (caught.value.repository, caught.value.field) == ("stock.pairs", field)
    assert isinstance(caught.value, ValueError)
    assert len(sent) == before


def test_a_new_row_cant_be_given_a_version(stock: ItemRepository) -> None:
    with pytest.raises(FieldUnknown, match="has no field 'version' that add"):
        stock.add(code="a", language=None, version=5)


VALUES: list[tuple[str, Any, str]] = [
    ("code", "x" * 51, "has 51 characters; at most 50 are allowed"),
    ("code", 5, "5 isn't text"),
    ("language", "\0", "has a NUL character"),
    ("size", "1", "isn't a whole number"),
    ("big", 2**63, "doesn't fit into 64 bits"),
    ("weight", float("inf"), "isn't a finite number"),
    ("at", datetime(2026, 7, 1), "isn't a datetime with a time zone; give one"),
    ("day", NOON, "isn't a date"),
    ("ready", 0, "isn't True or False"),
    ("mood", "happy", "isn't one of"),
    ("body", {"a": {1}}, "can't be stored as JSON"),
    ("counters", {"a": "1"}, "isn't a whole number of 64 bits"),
]


@pytest.mark.parametrize(("field", "value", "message"), VALUES, ids=[f"{case[0]}-{n}" for n, case in enumerate(VALUES)])
def test_a_value_that_its_column_doesnt_take_is_refused_before_it_is_sent(
    stock: ItemRepository, sent: list[StatementRun], field: str, value: Any, message: str
) -> None:
    good = {"code": "a", "language": None}
    item = stock.add(**good)
    before = len(sent)
    for verb in (
        lambda: stock.add(**(good | {field: value})),
        lambda: stock.upsert(**(good | {field: value})),
        lambda: stock.update(item.id, **{field: value}) if field in stock.editable else stock.add(**{field: value}),
    ):
        with pytest.raises(ValueRefused, match=f"^{field}: .*{message}") as caught:
            verb()
        assert (caught.value.field, caught.value.value) == (field, value)
    assert len(sent) == before
    assert stock.get(item.id) == item


@pytest.mark.parametrize("key", ["1", 1.0, True, 2**63, pytest.param(10**5000, id="huge"), b"1", [1], Mood.GRIM])
def test_a_key_that_its_column_doesnt_take_is_refused_by_every_verb(
    stock: ItemRepository, sent: list[StatementRun], key: Any
) -> None:
    verbs: list[Callable[[Any], object]] = [
        stock.get,
        stock.get_or_none,
        stock.exists,
        stock.delete,
        lambda key: stock.update(key, rank=1),
    ]
    for verb in verbs:
        with pytest.raises(ValueRefused) as caught:
            verb(key)
        assert (caught.value.field, caught.value.value) == ("key", key)
        assert str(caught.value).startswith("key: ")
    assert sent == []


def test_adding_a_key_twice_is_a_duplicate(uow: UnitOfWork, shop: PairRepository) -> None:
    shop.add(key="a")
    before = uow.statements
    with pytest.raises(Duplicate) as caught, uow.savepoint():
        shop.add(key="a")
    assert uow.statements == before + 1
    assert (caught.value.table, caught.value.constraint) == ("stock_pairs", "pk_stock_pairs")
    assert shop.count() == 1


def test_a_key_of_two_columns_that_is_there_is_a_duplicate_by_its_name(uow: UnitOfWork, stock: ItemRepository) -> None:
    stock.add(code="a", language=None)
    with pytest.raises(Duplicate) as caught, uow.savepoint():
        stock.add(code="a", language="")
    assert caught.value.constraint == "uq_stock_code_language"
    with pytest.raises(NullRefused), uow.savepoint():
        stock.add(code=None, language=None)
    with pytest.raises(NullRefused), uow.savepoint():
        stock.add(language="de")
    assert stock.count() == 1


def test_get_finds_by_key_and_says_when_there_is_none(shop: PairRepository) -> None:
    shop.add(key="a", work="w")
    assert shop.get("a").work == "w"
    with pytest.raises(NotFound, match=r"PairRepository has no row with key 'b'; use get_or_none where") as caught:
        shop.get("b")
    assert (caught.value.repository, caught.value.key) == ("stock.pairs", "b")
    assert isinstance(caught.value, LookupError)
    with pytest.raises(NotFound):
        shop.get(None)


def test_a_long_key_is_cut_in_the_message(small: UnitOfWork) -> None:
    with pytest.raises(NotFound) as caught:
        PairRepository(small).get("x" * 1_000_000)
    assert len(str(caught.value)) < 1000


def test_get_or_none_and_exists_ask_for_what_may_be_missing(shop: PairRepository) -> None:
    added = shop.add(key="a")
    assert (shop.get_or_none("a"), shop.get_or_none("b"), shop.get_or_none(None)) == (added, None, None)
    assert (shop.exists("a"), shop.exists("b"), shop.exists(None)) == (True, False, False)


def test_exists_without_a_key_asks_for_any_row(stock: ItemRepository) -> None:
    assert not stock.exists()
    stock.add(code="a", language=None, rank=1)
    assert stock.exists()
    assert (stock.exists(rank=1), stock.exists(rank=2)) == (True, False)


def test_list_is_in_the_order_of_keys_and_count_counts(shop: PairRepository) -> None:
    assert (shop.list(), shop.count()) == ([], 0)
    for key in "cab":
        shop.add(key=key)
    assert [pair.key for pair in shop.list()] == ["a", "b", "c"]
    assert [pair.key for pair in shop.list(limit=2)] == ["a", "b"]
    assert shop.count() == 3
    assert [shop.count(at_most=most) for most in (1, 2, 3, 4)] == [1, 2, 3, 3]


def test_delete_tells_whether_there_was_a_row(shop: PairRepository) -> None:
    shop.add(key="a")
    shop.add(key="b")
    assert (shop.delete("a"), shop.delete("a"), shop.delete(None)) == (True, False, False)
    assert [pair.key for pair in shop.list()] == ["b"]


def test_points_in_time_come_back_in_utc(shop: PairRepository) -> None:
    points = [NOON, NOON.astimezone(TOKYO), NOON.replace(microsecond=0), None]
    for place, at in enumerate(points):
        shop.add(key=str(place), at=at)
    back = [pair.at for pair in shop.list()]
    assert back == points
    assert {at.tzinfo for at in back if at is not None} == {UTC}


def test_points_in_time_sort_by_time_whatever_their_zone(uow: UnitOfWork) -> None:
    times = TickRepository(uow)
    first, second, third = [
        times.add(at=at).id for at in (NOON, (NOON - timedelta(hours=1)).astimezone(TOKYO), NOON.replace(microsecond=0))
    ]
    ordered = Statement(select(ticks.c.id).order_by(ticks.c.at)).all(uow)
    assert [row.id for row in ordered] == [second, third, first]


def test_a_reading_unit_of_work_reads_and_refuses_to_write(room: Storeroom) -> None:
    with room.write() as uow:
        item = ItemRepository(uow).add(code="a", language=None, day=date(2026, 7, 1))
    with room.read() as uow:
        assert ItemRepository(uow).get(item.id) == item
    writes: list[Callable[[ItemRepository], object]] = [
        lambda stock: stock.add(code="b", language=None),
        lambda stock: stock.update(item.id, rank=1),
        lambda stock: stock.upsert(code="b", language=None),
        lambda stock: stock.delete(item.id),
        lambda stock: stock.prune(NOON + timedelta(days=1)),
    ]
    for write in writes:
        with pytest.raises(ReadOnly), room.read() as uow:
            write(ItemRepository(uow))
    with room.read() as uow:
        assert ItemRepository(uow).list() == [item]
