"""Pages by keyset: whatever happens between two of them, no row comes twice, and none that was left alone is missed."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, insert, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import ValueRefused
from tests.repository.rows import DRAWN, VALUES, Ordering, Row, draw_filters, draw_row, draw_sort, meets
from tests.repository.tables import NO_NUMBERS, ItemRecord, ItemRepository, PairRepository, clear, codes, items

INSERT = Statement(insert(items))
CHANGE = Statement(update(items).where(items.c.id == bindparam("key")))
DELETE = Statement(delete(items).where(items.c.id == bindparam("key")))

KEYS = range(1, 41)


class Model:
    """The rows of the table, asked for in plain Python, and those that were touched while pages were read."""

    def __init__(self, stock: ItemRepository, random: Random, first: str) -> None:
        self.stock, self.random = stock, random
        self.ordering = Ordering(stock.uow)
        self.sort, self.asked = draw_sort(random, first), draw_filters(random)
        self.rows: dict[int, Row] = {}
        self.touched: set[int] = set()
        clear(stock.uow)
        for key in random.sample(KEYS, random.choice([0, 1, 8, 16, 24])):
            self._put(key)

    def keys(self, after: tuple[Any, ...] | None = None) -> list[int]:
        """Return the keys of all rows that are asked for, in order, or of those after a position."""
        met = [row for row in self.rows.values() if meets(row, self.asked)]
        return [
            row["id"]
            for row in self.ordering.sorted(met, self.sort)
            if after is None or self.ordering.compare(self.position(row["id"]), after, self.sort) > 0
        ]

    def position(self, key: int) -> tuple[Any, ...]:
        return self.ordering.position(self.rows[key], self.sort)

    def edit(self) -> None:
        """Put rows in, take some out, and give others other values."""
        for key in self.random.sample(KEYS, self.random.randrange(6)):
            if key not in self.rows:
                self._put(key)
            elif self.random.random() < 0.5:
                DELETE.affected(self.stock.uow, key=key)
                del self.rows[key]
            else:
                row = draw_row(self.random)
                CHANGE.affected(self.stock.uow, key=key, **row)
                self.rows[key] |= row
            self.touched.add(key)

    def _put(self, key: int) -> None:
        self.rows[key] = draw_row(self.random) | {"id": key, "code": f"item {key}"}
        INSERT.affected(self.stock.uow, **self.rows[key])


def all_pages(repository: Any, size: int, sort: str | None, rows: int) -> list[Any]:
    """Return what is on all pages of so many rows, one page after the other."""
    seen: list[Any] = []
    cursor = None
    for _ in range(rows):
        page = repository.page(size=size, sort=sort, after=cursor)
        seen += page.items
        cursor = page.next
        if cursor is None:
            return seen
    raise AssertionError(f"there is no end to the pages: {seen}")


def ids(records: Sequence[ItemRecord]) -> list[int]:
    return [record.id for record in records]


def check_other_verbs(model: Model, size: int) -> None:
    """What lists and counts say without a cursor."""
    stock, sort, asked, expected = model.stock, model.sort, model.asked, model.keys()
    assert ids(stock.list(sort=sort, **asked)) == expected
    assert ids(stock.list(sort=sort, limit=size, **asked)) == expected[:size]
    assert ids(list(stock.stream(sort=sort, size=size, **asked))) == expected
    assert stock.count(**asked) == len(expected)
    assert stock.count(at_most=size, **asked) == min(size, len(expected))
    assert stock.exists(**asked) == bool(expected)
    second = stock.numbered_page(2, size=size, sort=sort, **asked)
    assert (ids(second.items), second.total) == (expected[size : 2 * size], len(expected))


@pytest.mark.dear
@pytest.mark.parametrize("first", DRAWN)
@settings(max_examples=12, deadline=None)
@given(random=st.randoms(use_true_random=True))
def test_pages_are_those_of_the_model_whatever_happens_between_them(
    shared_room: Storeroom, first: str, random: Random
) -> None:
    with shared_room.write() as uow:
        model, size = Model(ItemRepository(uow), random, first), random.randint(1, 4)
        check_other_verbs(model, size)
        promised = model.keys()
        seen: list[int] = []
        cursor, place = None, None
        while True:
            expected = model.keys(place)
            page = model.stock.page(size=size, after=cursor, sort=model.sort, **model.asked)
            assert ids(page.items) == expected[:size]
            # Only a row that was changed can come again, where it was moved beyond the cursor.
            assert not set(ids(page.items)) & set(seen) - model.touched
            seen += ids(page.items)
            cursor = page.next
            assert (cursor is None) == (len(expected) <= size)
            if cursor is None:
                break
            assert len(page.items) == size
            place = model.position(seen[-1])
            if len(seen) < 30:
                model.edit()
    assert [key for key in seen if key not in model.touched] == [key for key in promised if key not in model.touched]


def test_the_values_of_every_column_survive_in_a_cursor(stock: ItemRepository) -> None:
    """Each column alone, so that a value which a cursor carries wrongly can't hide behind another key."""
    for name in DRAWN:
        clear(stock.uow)
        values = VALUES[name]
        for number, value in enumerate([*values, *values]):
            INSERT.affected(stock.uow, **({"code": str(number), "language": None} | {name: value}))
        for sort in (name, f"-{name}"):
            whole = stock.list(sort=sort)
            assert len(whole) == 2 * len(values)
            assert all_pages(stock, 1, sort, len(whole)) == whole


def test_a_row_that_a_cursor_was_made_of_may_be_gone(stock: ItemRepository) -> None:
    for number in range(4):
        stock.add(code=str(number), language=None, rank=number // 2)
    first = stock.page(size=2, sort="-rank")
    assert codes(first.items) == ["3", "2"]
    for record in stock.list():
        stock.delete(record.id) if record.code != "0" else None
    assert codes(stock.page(size=2, sort="-rank", after=first.next).items) == ["0"]


def test_a_cursor_doesnt_care_for_filters_and_sizes(stock: ItemRepository) -> None:
    for number in range(6):
        stock.add(code=str(number), language=None, rank=number, size=number % 2)
    cursor = stock.page(size=1, sort="-rank", size_is=1).next
    rest = stock.page(size=5, sort="-rank", size_is=[0], after=cursor)
    assert (codes(rest.items), rest.next) == (["4", "2", "0"], None)


def test_without_a_sort_pages_go_by_the_primary_key_which_may_be_text(uow: UnitOfWork) -> None:
    pairs = PairRepository(uow)
    for key in ("b", "", "a'", "é", "a"):
        pairs.add(key=key)
    whole = pairs.list()
    assert len(whole) == 5
    assert all_pages(pairs, 2, None, 5) == whole


def test_a_name_that_is_given_twice_counts_once_and_the_key_ends_the_order(stock: ItemRepository) -> None:
    for number in range(3):
        stock.add(code=str(number), language=None, rank=number % 2)
    assert codes(stock.list(sort=["-rank", "rank"])) == ["1", "2", "0"]
    assert codes(stock.list(sort=["rank"])) == ["0", "2", "1"]
    assert codes(stock.list(sort=["-id", "rank"])) == ["2", "1", "0"]
    assert codes(stock.list(sort=[])) == ["0", "1", "2"]


@pytest.mark.parametrize("size", [*NO_NUMBERS, 1001])
def test_a_size_that_isnt_one_is_refused(small: UnitOfWork, size: Any) -> None:
    with pytest.raises(ValueRefused, match=r"^size: .* isn't a whole number from 1 to 1,000") as caught:
        ItemRepository(small).page(size=size)
    assert (caught.value.field, caught.value.value) == ("size", size)


def test_the_longest_page_is_a_thousand_rows(small: UnitOfWork) -> None:
    stock = ItemRepository(small)
    stock.add_many({"code": str(number), "language": None} for number in range(1001))
    page = stock.page(size=1000)
    assert len(page.items) == 1000
    assert codes(stock.page(size=1000, after=page.next).items) == ["1000"]
