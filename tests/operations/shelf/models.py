"""The tables."""

import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, NoneAsEmpty, PlainText, now


class State(StrEnum):
    WANTED = "wanted"
    OWNED = "owned"
    IGNORED = "ignored"


class Base(DeclarativeBase):
    registry = plugin_registry("shelf")


class Author(Base):
    __tablename__ = "shelf_authors"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    name: Mapped[str] = mapped_column(PlainText(100), unique=True)
    seen_at: Mapped[datetime.datetime] = mapped_column(default=now())


class Book(Versioned, Base):
    __tablename__ = "shelf_books"
    __table_args__ = (UniqueConstraint("title", "language"), CheckConstraint("pages >= 0", name="pages"))

    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    author_id: Mapped[int] = mapped_column(BigInt, ForeignKey(Author.id, ondelete="CASCADE"))
    editor_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey(Author.id, ondelete="SET NULL"))
    title: Mapped[str]
    language: Mapped[str | None] = mapped_column(NoneAsEmpty(), nullable=False)
    state: Mapped[State] = mapped_column(Choice(State), default=State.WANTED)
    pages: Mapped[int] = mapped_column(default=1)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    added_at: Mapped[datetime.datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


class Loan(Base):
    __tablename__ = "shelf_loans"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    book_id: Mapped[int | None] = mapped_column(BigInt)
    lent: Mapped[bool] = mapped_column(default=False)


class Day(Base):
    __tablename__ = "shelf_days"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    reads: Mapped[int] = mapped_column(BigInt, default=0)
    kinds: Mapped[dict[str, int]] = mapped_column(default=dict)
