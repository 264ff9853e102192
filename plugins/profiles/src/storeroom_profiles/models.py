"""The tables: profiles, which of them is the default, and which series and movies have which."""

import datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Table, UniqueConstraint, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

from storeroom import Versioned, plugin_registry
from storeroom.sql import BigInt, Choice, Int, JSONDocument, PlainText, now
from storeroom_profiles.preferences import ForcedPreference

NAME_LENGTH = 200


class Base(DeclarativeBase):
    """The declarative base of this plugin's models."""

    registry = plugin_registry("profiles")


class Profile(Versioned, Base):
    """What to translate from, to and with."""

    __tablename__ = "profiles"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("source_language <> ''", name="source_language"),
        CheckConstraint("source_language_name <> ''", name="source_language_name"),
        CheckConstraint("translation_backend <> ''", name="translation_backend"),
        # An id isn't given again, on SQLite neither: who still has it must not change another profile by it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInt(), primary_key=True)
    name: Mapped[str] = mapped_column(PlainText(NAME_LENGTH))
    source_language: Mapped[str]
    source_language_name: Mapped[str]
    target_languages: Mapped[list[str]] = mapped_column(JSONDocument())
    target_language_names: Mapped[list[str]] = mapped_column(JSONDocument())
    translation_backend: Mapped[str]
    fallback_chain: Mapped[list[str]] = mapped_column(JSONDocument())
    forced_preference: Mapped[ForcedPreference] = mapped_column(
        Choice(ForcedPreference), default=ForcedPreference.DISABLED
    )
    created_at: Mapped[datetime.datetime] = mapped_column(default=now())
    updated_at: Mapped[datetime.datetime] = mapped_column(default=now(), onupdate=now())


class Default(Base):
    """Which profile is the default: a pointer, of which the key has one value.

    So there is one at most, it moves in one statement, and since the key goes without CASCADE, the database keeps the
    profile that it points to. A flag in each profile would need two: unique indexes are checked row by row.
    """

    __tablename__ = "profiles_default"
    __table_args__ = (CheckConstraint("slot = 1", name="slot"),)

    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    profile_id: Mapped[int] = mapped_column(BigInt(), ForeignKey(Profile.id))


class Assigned(Versioned):
    """What has a profile, which goes with the profile."""

    # SQLite numbers a row by itself where its key is the rowid and none is given.
    __table_args__ = ({"sqlite_with_rowid": False},)

    profile_id: Mapped[int] = mapped_column(BigInt(), ForeignKey(Profile.id, ondelete="CASCADE"), sort_order=1)


class SeriesProfile(Assigned, Base):
    """The profile of a series."""

    __tablename__ = "profiles_series"

    series_id: Mapped[int] = mapped_column(BigInt(), primary_key=True, autoincrement=False)


class MovieProfile(Assigned, Base):
    """The profile of a movie."""

    __tablename__ = "profiles_movies"

    movie_id: Mapped[int] = mapped_column(BigInt(), primary_key=True, autoincrement=False)


profiles = cast("Table", Profile.__table__)
default = cast("Table", Default.__table__)
series = cast("Table", SeriesProfile.__table__)
movies = cast("Table", MovieProfile.__table__)

# For the profile's deletion, which looks for them, and for lists of what has it.
Index("ix_profiles_series_profile_id_series_id", series.c.profile_id, series.c.series_id)
Index("ix_profiles_movies_profile_id_movie_id", movies.c.profile_id, movies.c.movie_id)


class ArrayLength(FunctionElement[int]):
    """How many elements a JSON array has."""

    name = "array_length"
    type = Int()
    inherit_cache = True


@compiles(ArrayLength, "sqlite")
def _on_sqlite(element: ArrayLength, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_length({_array(element, compiler, options)})"


@compiles(ArrayLength, "postgresql")
def _on_postgresql(element: ArrayLength, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_length({_array(element, compiler, options)})"


def _array(element: ArrayLength, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    arguments: list[ClauseElement] = list(element.clauses)
    (array,) = arguments
    return str(compiler.process(array, **options))


def _require(condition: ColumnElement[bool], name: str) -> None:
    profiles.append_constraint(CheckConstraint(condition, name=name))


_NONE: ColumnElement[int] = literal_column("0", Int())
_languages = ArrayLength(profiles.c.target_languages)
_require(_languages > _NONE, "target_languages")
_require(_languages == ArrayLength(profiles.c.target_language_names), "target_language_names")
_require(ArrayLength(profiles.c.fallback_chain) > _NONE, "fallback_chain")
