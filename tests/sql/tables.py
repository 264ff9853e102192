"""One table with a column of each type, and a room on a database that has it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Index, Select, Table, create_engine, delete, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Settings, Storeroom, Versioned, plugin_registry
from storeroom.sql import (
    BigInt,
    Choice,
    Executor,
    Int,
    NoneAsEmpty,
    PlainText,
    Statement,
    UTCDateTime,
    now,
    upsert,
)
from storeroom.testing import requires


class Colour(StrEnum):
    """Values that are hard to write down: quotes, what formats text, what binds parameters."""

    RED = "red"
    QUOTED = 'it\'s "red"'
    FORMAT = "50% %s"
    BOUND = "a:b"
    SLASH = "c\\d"


class Base(DeclarativeBase):
    registry = plugin_registry("proof")


class Sample(Versioned, Base):
    """A column of each type, and a key of two."""

    __tablename__ = "proof_samples"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    path: Mapped[str] = mapped_column(PlainText(50))
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)
    note: Mapped[str | None]
    number: Mapped[int | None]
    big: Mapped[int | None] = mapped_column(BigInt)
    ready: Mapped[bool | None]
    weight: Mapped[float | None]
    day: Mapped[date | None]
    at: Mapped[datetime | None]
    colour: Mapped[Colour | None] = mapped_column(Choice(Colour))
    body: Mapped[dict[str, Any] | None]
    counters: Mapped[dict[str, int] | None]

    __table_args__ = (Index("uq_proof_samples_key", "path", "language", unique=True),)


class Tally(Versioned, Base):
    """Counters, a mean, and the time of the last change."""

    __tablename__ = "proof_tallies"

    name: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(Int, default=0)
    counters: Mapped[dict[str, int] | None]
    mean: Mapped[float | None]
    count: Mapped[int] = mapped_column(Int, default=0)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now(), onupdate=now())


samples = cast(Table, Sample.__table__)
tallies = cast(Table, Tally.__table__)

KEY = ("path", "language")
FIELDS = [
    "path",
    "language",
    "note",
    "number",
    "big",
    "ready",
    "weight",
    "day",
    "at",
    "colour",
    "body",
    "counters",
]
PUT = Statement(upsert(samples, KEY, FIELDS).returning(samples.c.version))
ALL = Statement(select(samples).order_by(samples.c.id))
CLEAR = [Statement(delete(samples)), Statement(delete(tallies))]


def open_room(url: str, **options: Any) -> Storeroom:
    """Open a room without plugins, patient enough for a race."""
    settings = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)
    return Storeroom.open(url, discover=False, upgrade=True, settings=settings, **options)


def create_tables(url: str) -> str:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    open_room(url).close()
    return url


def clear(work: Executor) -> None:
    for statement in CLEAR:
        statement.affected(work)


def plan(work: Executor, query: Select[Any]) -> str:
    """Return how the database would run a query; on PostgreSQL without reading whole tables, however small."""
    sql = query.compile(dialect=work.dialect, compile_kwargs={"literal_binds": True}).string.replace(":", r"\:")
    if not requires.planner_statistics.met_by(work):
        return "\n".join(row.detail for row in Statement(text(f"EXPLAIN QUERY PLAN {sql}")).all(work))
    for setting in ("enable_seqscan", "enable_sort"):
        Statement(text(f"SET LOCAL {setting} = off")).affected(work)
    return "\n".join(row[0] for row in Statement(text(f"EXPLAIN {sql}")).all(work))
