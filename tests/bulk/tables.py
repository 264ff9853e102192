"""What bulk calls write in these tests: the tables of tests.sql, and some whose constraints and defaults matter."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import count
from typing import Any, ClassVar, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Select,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    delete,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import ModelRepository, Record, Statement, Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, Executor, NoneAsEmpty, Rule, now
from storeroom.testing import requires
from tests.sql import tables as proof
from tests.sql.tables import Colour, Sample, Tally

_tokens = count()


def new_token() -> str:
    """A default of Python's that is another each time, in the order of the calls."""
    return f"token {next(_tokens):09}"


class Base(DeclarativeBase):
    registry = plugin_registry("bulk")


class Owner(Base):
    __tablename__ = "bulk_owners"

    id: Mapped[str] = mapped_column(primary_key=True)


class Entry(Versioned, Base):
    """Numbered by the database, with a default of each kind and a constraint of each kind."""

    __tablename__ = "bulk_entries"
    __table_args__ = (UniqueConstraint("name"), CheckConstraint("size >= 0", name="size"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name: Mapped[str]
    label: Mapped[str | None] = mapped_column(String())  # of SQLAlchemy's own type
    owner: Mapped[str | None] = mapped_column(ForeignKey(Owner.id))
    due: Mapped[datetime | None]
    size: Mapped[int] = mapped_column(default=5)
    token: Mapped[str] = mapped_column(default=new_token)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    group: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False, default="")
    kind: Mapped[str] = mapped_column(server_default="plain")
    at: Mapped[datetime] = mapped_column(default=now())


class Bare(Base):
    """Without any default of Python's."""

    __tablename__ = "bulk_bare"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    note: Mapped[str | None]


class Moment(Versioned, Base):
    """A key of many types, and columns that are called as the statements' own parts might be."""

    __tablename__ = "bulk_moments"
    __table_args__ = (UniqueConstraint("day", "at", "big", "ready", "weight", "colour", "order"),)

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    day: Mapped[date]
    at: Mapped[datetime]
    big: Mapped[int] = mapped_column(BigInt)
    ready: Mapped[bool]
    weight: Mapped[float]
    colour: Mapped[Colour] = mapped_column(Choice(Colour))
    order: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)
    nth: Mapped[int | None]
    code: Mapped[int | None]
    written: Mapped[int | None] = mapped_column("Written, or not")


class Branch(Base):
    """Deleted with the one that it grows on."""

    __tablename__ = "bulk_branches"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    parent: Mapped[int | None] = mapped_column(ForeignKey("bulk_branches.id", ondelete="CASCADE"))


entries = cast("Table", Entry.__table__)
moments = cast("Table", Moment.__table__)
branches = cast("Table", Branch.__table__)
bare = cast("Table", Bare.__table__)


class EntryRecord(Record):
    id: int
    name: str
    label: str | None
    due: datetime | None
    size: int
    token: str
    options: dict[str, Any]
    group: str | None
    kind: str
    at: datetime


class IdRecord(Record):
    id: int


class TallyRecord(Record):
    name: str
    hits: int
    version: int


class Owners(ModelRepository[Owner, Record]):
    name = "bulk.owners"


class Entries(ModelRepository[Entry, EntryRecord]):
    name = "bulk"
    sorts = ("id",)
    conflict_key = ("name",)


class BareRows(ModelRepository[Bare, IdRecord]):
    name = "bulk.bare"


class Moments(ModelRepository[Moment, IdRecord]):
    name = "bulk.moments"
    conflict_key = ("day", "at", "big", "ready", "weight", "colour", "order")
    conflict_rules: ClassVar[Mapping[str, Rule]] = {"nth": lambda old, new: old.nth + new.nth}


class Branches(ModelRepository[Branch, IdRecord]):
    name = "bulk.branches"


class Samples(ModelRepository[Sample, IdRecord]):
    name = "proof"
    conflict_key = proof.KEY


class Tallies(ModelRepository[Tally, TallyRecord]):
    name = "proof.tallies"
    default_sort = ("name",)
    conflict_key = ("name",)
    conflict_rules: ClassVar[Mapping[str, Rule]] = {"hits": lambda old, new: old.hits + new.hits}


# In an order in which they can be emptied.
_CLEAR = [Statement(delete(each)) for each in reversed(Base.metadata.sorted_tables)]


def create_tables(url: str) -> str:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    return proof.create_tables(url)


def clear(work: Executor) -> None:
    for statement in _CLEAR:
        statement.affected(work)
    proof.clear(work)


def left_behind(work: Executor) -> Sequence[str]:
    """Return the names of what a call left in the session's temporary schema."""
    if requires.database_file.met_by(work):
        return [row[0] for row in Statement(text("SELECT name FROM sqlite_temp_master")).all(work)]
    temporary = "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()"
    return [row[0] for row in Statement(text(temporary)).all(work)]


def rows(work: Executor, query: Select[*tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a query as tuples."""
    return [tuple(row) for row in Statement(query).all(work)]


def names(work: Executor) -> Sequence[str]:
    """Return the names of all entries, in the order of their numbers."""
    return [row[0] for row in rows(work, select(entries.c.name).order_by(entries.c.id))]
