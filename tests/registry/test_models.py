"""What models are made with: a registry for each plugin, and points in time."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, cast

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    create_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from storeroom import UTCDateTime, plugin_registry
from storeroom.errors import NameNotOwned, PluginNameInvalid, StoreroomError, ValueRefused

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Base(DeclarativeBase):
    registry = plugin_registry("shelf")


class Book(Base):
    __tablename__ = "shelf_books"
    __table_args__ = (UniqueConstraint("shelf_id", "title"), CheckConstraint("title <> ''", name="title"))

    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"), index=True)
    title: Mapped[str]
    bought_at: Mapped[datetime]
    sold_at: Mapped[datetime | None]


class Shelf(Base):
    __tablename__ = "shelf"

    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list[Book]] = relationship("Book")


class OtherBase(DeclarativeBase):
    registry = plugin_registry("press")


class Press(OtherBase):
    __tablename__ = "press"

    id: Mapped[int] = mapped_column(primary_key=True)


books = cast("Table", Book.__table__)


def test_constraints_and_indexes_have_names_of_one_convention() -> None:
    rules: list[Constraint | Index] = [*books.constraints, *books.indexes]
    assert {rule.name for rule in rules} == {
        "pk_shelf_books",
        "uq_shelf_books_shelf_id_title",
        "ck_shelf_books_title",
        "fk_shelf_books_shelf_id_shelf",
        "ix_shelf_books_shelf_id",
    }


def test_a_datetime_is_a_utc_datetime_unless_it_says_otherwise() -> None:
    assert isinstance(books.c.bought_at.type, UTCDateTime)
    assert isinstance(books.c.sold_at.type, UTCDateTime)
    assert (books.c.bought_at.nullable, books.c.sold_at.nullable) == (False, True)


def test_two_plugins_may_have_a_class_of_one_name() -> None:
    class Elsewhere(DeclarativeBase):
        registry = plugin_registry("elsewhere")

    made = type("Book", (Elsewhere,), {"__tablename__": "elsewhere", "id": mapped_column(Integer, primary_key=True)})
    assert made.__name__ == Book.__name__
    Base.registry.configure()
    assert cast("Any", Shelf.books).property.mapper.class_ is Book


def test_a_plugins_tables_are_its_own() -> None:
    assert set(Base.metadata.tables) == {"shelf", "shelf_books"}
    assert set(OtherBase.metadata.tables) == {"press"}


@pytest.mark.parametrize("name", ["", "Shelf", "my_shelf", "1st", "shelf "])
def test_a_registry_is_made_for_a_possible_name_only(name: str) -> None:
    with pytest.raises(PluginNameInvalid, match="choose lower-case letters and digits, a letter first") as caught:
        plugin_registry(name)
    assert caught.value.plugin == name
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", ["shelf", "shelf_", "shelf_books", "shelf_Books"])
def test_a_table_may_be_named_as_its_plugin_or_begin_with_it(name: str) -> None:
    metadata = plugin_registry("shelf").metadata
    assert Table(name, metadata).name == name


@pytest.mark.parametrize("name", ["shelfbooks", "press", "Shelf", "my_shelf"])
def test_a_table_of_another_name_is_refused_and_leaves_no_trace(name: str) -> None:
    metadata = plugin_registry("shelf").metadata
    with pytest.raises(NameNotOwned, match="call it 'shelf' or 'shelf_…'") as caught:
        Table(name, metadata)
    assert (caught.value.plugin, caught.value.name) == ("shelf", name)
    assert repr(name) in str(caught.value)
    assert not metadata.tables


def test_a_table_that_names_a_schema_is_refused() -> None:
    metadata = plugin_registry("shelf").metadata
    with pytest.raises(NameNotOwned, match="leave it out, the application decides") as caught:
        Table("shelf", metadata, schema="attic")
    assert caught.value.name == "attic.shelf"


def test_a_programs_own_metadata_is_left_alone() -> None:
    assert Table("anything", MetaData(), Column("id", Integer), schema="attic").name == "anything"


DIALECTS: dict[str, Dialect] = {
    "sqlite": create_engine("sqlite://").dialect,
    "postgresql": create_engine("postgresql+psycopg://").dialect,
}


class Undecided(tzinfo):
    """A zone that doesn't know its offset: its times are as naive as those without one."""

    def utcoffset(self, dt: datetime | None) -> None:
        return None

    dst = utcoffset

    def tzname(self, dt: datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    "value", [NOON.replace(tzinfo=None), NOON.replace(tzinfo=Undecided()), NOON.date(), NOON.isoformat()]
)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_isnt_a_datetime_with_a_zone_is_refused(value: object, dialect: Dialect) -> None:
    with pytest.raises(ValueRefused, match="isn't a datetime with a time zone; give one") as caught:
        UTCDateTime().process_bind_param(value, dialect)
    assert caught.value.value is value
    assert isinstance(caught.value, StoreroomError)
    assert isinstance(caught.value, ValueError)


def test_another_zone_is_converted_whatever_the_database_answers() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=-9)))
    sent = {name: UTCDateTime().process_bind_param(local, dialect) for name, dialect in DIALECTS.items()}
    assert sent == {"sqlite": NOON.replace(tzinfo=None), "postgresql": NOON}
    for answer in (NOON.replace(tzinfo=None), NOON, local):
        back = UTCDateTime().process_result_value(answer, DIALECTS["postgresql"])
        assert back == NOON
        assert back.tzinfo is UTC
