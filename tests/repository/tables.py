"""Tables, records and repositories of one throw-away plugin, and a room on a database that has them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

import pytest
from sqlalchemy import Index, Table, UniqueConstraint, create_engine, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import (
    Filter,
    ModelRepository,
    Record,
    Settings,
    Storeroom,
    Versioned,
    at_least,
    below,
    contains,
    equals,
    plugin_registry,
)
from storeroom.sql import BigInt, Choice, Executor, NoneAsEmpty, PlainText, Rule, Statement, ascending, descending

# What no verb takes for a number of rows.
NO_NUMBERS: list[Any] = [0, -1, 2**63, pytest.param(10**5000, id="huge"), True, 1.0, "5"]

NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


class Mood(StrEnum):
    """Members that aren't in the order of their values."""

    SUNNY = "sunny"
    GRIM = "grim"
    ODD = "50%_\\odd"


class Base(DeclarativeBase):
    registry = plugin_registry("stock")


class Item(Versioned, Base):
    """A column of each type, a conflict key of two, a counter."""

    __tablename__ = "stock"
    __table_args__ = (UniqueConstraint("code", "language"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    code: Mapped[str] = mapped_column(PlainText(50))
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)
    title: Mapped[str | None]
    rank: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None]
    big: Mapped[int | None] = mapped_column(BigInt)
    weight: Mapped[float | None]
    at: Mapped[datetime | None]
    day: Mapped[date | None]
    ready: Mapped[bool | None]
    mood: Mapped[Mood | None] = mapped_column(Choice(Mood))
    body: Mapped[dict[str, Any] | None]
    counters: Mapped[dict[str, int] | None]
    hits: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(default=NOON)


class ItemRecord(Record):
    id: int
    code: str
    language: str | None
    title: str | None
    rank: int
    size: int | None
    big: int | None
    weight: float | None
    at: datetime | None
    day: date | None
    ready: bool | None
    mood: Mood | None
    body: dict[str, Any] | None
    counters: dict[str, int] | None
    hits: int
    added_at: datetime
    version: int


# Of each type that rows can be sorted by, with NULL and without.
SORTABLE = ("code", "language", "title", "rank", "size", "big", "weight", "at", "day", "ready", "mood", "added_at")


class ItemRepository(ModelRepository[Item, ItemRecord]):
    name = "stock"
    filters: ClassVar[Mapping[str, Filter]] = {
        **{name: equals(name) for name in ("language", "title", "rank", "big", "weight", "at", "day", "ready", "mood")},
        "size_is": equals("size"),
        "body": equals("body"),
        "counters": equals("counters"),
        "text": contains("code", "title"),
        "some_language": contains("language"),
        "some_mood": contains("mood"),
        "least": at_least("size"),
        "most": below("size"),
        "since": at_least("at"),
        "until": below("at"),
        "from_mood": at_least("mood"),
        "from_title": at_least("title"),
    }
    sorts = SORTABLE
    editable = ("code", "language", "title", "rank", "size", "weight", "at", "mood", "body")
    conflict_key = ("code", "language")
    prune_by = "added_at"


class CountingRepository(ItemRepository):
    """Counts how often a row was given: by one, unless told by how many."""

    conflict_rules: ClassVar[Mapping[str, Rule]] = {"hits": lambda old, new: old.hits + new.hits}


class Pair(Base):
    """Without a version; its columns are called as the verbs' own parameters are."""

    __tablename__ = "stock_pairs"

    key: Mapped[str] = mapped_column(primary_key=True)
    work: Mapped[str | None]
    at: Mapped[datetime | None]
    hidden: Mapped[int] = mapped_column(default=7)


class PairRecord(Record):
    key: str
    work: str | None
    at: datetime | None


class PairRepository(ModelRepository[Pair, PairRecord]):
    name = "stock.pairs"
    sorts = ("work",)
    editable: ClassVar[Sequence[str]] = ("work", "at", "hidden")
    prune_by = "at"


class Tick(Base):
    """A row needs nothing but its defaults."""

    __tablename__ = "stock_ticks"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=NOON)


class TickRecord(Record):
    id: int
    at: datetime


class TickRepository(ModelRepository[Tick, TickRecord]):
    name = "stock.ticks"


class Both(Base):
    __tablename__ = "stock_both"

    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[int] = mapped_column(primary_key=True)


class Long(Base):
    """A table to be filled with many rows, with an index for each order that its tests read it in."""

    __tablename__ = "stock_long"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    rank: Mapped[int]
    title: Mapped[str]
    at: Mapped[datetime | None]


class LongRecord(Record):
    id: int
    rank: int
    title: str
    at: datetime | None


class LongRepository(ModelRepository[Long, LongRecord]):
    name = "stock.long"
    filters: ClassVar[Mapping[str, Filter]] = {
        "rank": equals("rank"),
        "title": equals("title"),
        "at": equals("at"),
        "until": below("at"),
        "under": below("id"),
    }
    sorts = ("rank", "title", "at")


long = cast("Table", Long.__table__)
Index("ix_stock_long_same", long.c.rank, long.c.title, long.c.id)
Index("ix_stock_long_mixed", long.c.rank.desc(), long.c.title, long.c.id)
Index("ix_stock_long_null", descending(long.c.at), descending(long.c.id))
Index("ix_stock_long_null_mixed", descending(long.c.at), ascending(long.c.title), ascending(long.c.id))

items = cast("Table", Item.__table__)
pairs = cast("Table", Pair.__table__)
ticks = cast("Table", Tick.__table__)

_CLEAR = [Statement(delete(table)) for table in (items, pairs, ticks)]

PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)


def open_room(url: str) -> Storeroom:
    """Open a room without plugins, patient enough for a race."""
    return Storeroom.open(url, discover=False, settings=PATIENT)


def create_tables(url: str) -> str:
    Storeroom.open(url, discover=False, upgrade=True).close()
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


def clear(work: Executor) -> None:
    """Empty the tables that aren't too long for it."""
    for statement in _CLEAR:
        statement.affected(work)


def codes(records: Any) -> list[str]:
    """Return the codes of items, in their order."""
    return [record.code for record in records]
