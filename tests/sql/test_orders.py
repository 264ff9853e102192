"""ascending and descending: NULL is the smallest on both databases, in queries and in indexes."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, ColumnElement, Index, Table, create_engine, insert, select

from storeroom import Statement, Storeroom, plugin_registry
from storeroom.sql import BigInt, Int, ascending, descending
from tests.sql.tables import open_room, plan

orders = plugin_registry("orders").metadata
items = Table(
    "orders_items",
    orders,
    Column("id", BigInt, primary_key=True),
    Column("rank", Int),
    Column("weight", Int),
    Column("number", Int, nullable=False),
)
Index("ix_orders_items_down", descending(items.c.rank), ascending(items.c.weight))
Index("ix_orders_items_number", descending(items.c.number))

RANKS = [None, -1, 0, 7]


@pytest.fixture
def room(url: str) -> Iterator[Storeroom]:
    engine = create_engine(url)
    orders.create_all(engine)
    engine.dispose()
    with open_room(url) as room:
        with room.write() as uow:
            for number, (rank, weight) in enumerate(itertools.product(RANKS, RANKS)):
                Statement(insert(items)).affected(uow, rank=rank, weight=weight, number=number)
        yield room


def smallest(value: int | None) -> tuple[bool, int]:
    return value is not None, value or 0


def test_null_is_the_smallest(room: Storeroom) -> None:
    pairs = list(itertools.product(RANKS, RANKS))
    with room.read() as uow:
        for first, second in itertools.product((ascending, descending), repeat=2):
            query = select(items.c.rank, items.c.weight).order_by(first(items.c.rank), second(items.c.weight))
            expected = sorted(pairs, key=lambda pair: smallest(pair[1]), reverse=second is descending)
            expected.sort(key=lambda pair: smallest(pair[0]), reverse=first is descending)
            assert [tuple(row) for row in Statement(query).all(uow)] == expected


def test_a_column_that_cannot_be_null_is_ordered_plainly(room: Storeroom) -> None:
    with room.read() as uow:
        for order in (ascending(items.c.number), descending(items.c.number)):
            assert "NULLS" not in str(order.compile(dialect=uow.dialect))


@pytest.mark.parametrize(
    ("order", "index"),
    [
        ([descending(items.c.rank), ascending(items.c.weight)], "ix_orders_items_down"),
        ([ascending(items.c.rank), descending(items.c.weight)], "ix_orders_items_down"),
        ([descending(items.c.rank)], "ix_orders_items_down"),
        ([descending(items.c.number)], "ix_orders_items_number"),
        ([ascending(items.c.number)], "ix_orders_items_number"),
    ],
)
def test_an_index_serves_the_order(room: Storeroom, order: list[ColumnElement[Any]], index: str) -> None:
    with room.write() as uow:
        found = plan(uow, select(items.c.id).order_by(*order).limit(5))
    assert index in found
    assert "B-TREE" not in found  # SQLite's word for sorting
    assert "Sort" not in found  # PostgreSQL's
