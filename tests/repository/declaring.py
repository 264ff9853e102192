"""Models that repositories can't be declared over as they are, and how to declare one on the spot."""

from datetime import date, datetime
from types import new_class
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import ModelRepository, Record, Versioned, plugin_registry
from storeroom.sql import NoneAsEmpty


class Base(DeclarativeBase):
    registry = plugin_registry("made")


class Book(Versioned, Base):
    __tablename__ = "made"
    __table_args__ = (
        UniqueConstraint("title", "language"),
        UniqueConstraint("shelf"),
        UniqueConstraint("place", deferrable=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)
    shelf: Mapped[str | None]
    place: Mapped[int]
    added_at: Mapped[datetime]
    day: Mapped[date]
    body: Mapped[dict[str, Any]]
    counters: Mapped[dict[str, int]]
    cover: Mapped[bytes] = mapped_column(LargeBinary)


Index("uq_made_partial", Book.place, unique=True, sqlite_where=Book.place > 0, postgresql_where=Book.place > 0)


class Loose(Base):
    """Without a version."""

    __tablename__ = "made_loose"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)


class Package(Base):
    """With a version that is the row's own, and no number."""

    __tablename__ = "made_packages"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    version: Mapped[str]


class BookRecord(Record):
    id: int
    title: str


class LooseRecord(Record):
    id: int
    code: str


class PackageRecord(Record):
    id: int
    label: str
    version: str


def declare(model: Any = Book, record: Any = BookRecord, **declared: Any) -> Any:
    """Define a repository `Repo` over a model, with these attributes in its body."""
    base = ModelRepository[model, record]
    return new_class("Repo", (base,), {}, lambda body: body.update({"name": "made", **declared}))
