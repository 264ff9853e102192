"""Records: what was written comes back, frozen, whatever becomes of the unit of work and the row."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from storeroom import ModelRepository, Record, Storeroom, UnitOfWork
from storeroom.sql import Outcome
from tests.repository.tables import Item, ItemRecord, ItemRepository, Mood, clear
from tests.sql.values import BITS_32, BITS_64, FIELD_VALUES, plain_text

VALUES = st.fixed_dictionaries(
    {
        "title": FIELD_VALUES["note"],
        "rank": BITS_32,
        "size": FIELD_VALUES["number"],
        "big": FIELD_VALUES["big"],
        "weight": FIELD_VALUES["weight"],
        "at": FIELD_VALUES["at"],
        "day": FIELD_VALUES["day"],
        "ready": FIELD_VALUES["ready"],
        "mood": st.none() | st.sampled_from(Mood) | st.sampled_from(Mood).map(str),
        "body": FIELD_VALUES["body"],
        "counters": FIELD_VALUES["counters"],
    }
)
KEYS = st.fixed_dictionaries(
    {
        "id": BITS_64,
        "code": plain_text(least=1, most=50),
        "language": st.none() | plain_text(most=8),
    }
)


def fields(record: ItemRecord, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


@pytest.mark.dear
@settings(max_examples=40, deadline=None)
@given(KEYS, VALUES, VALUES)
def test_what_was_written_comes_back_from_every_verb(
    shared_room: Storeroom, key: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    with shared_room.write() as uow:
        clear(uow)
        stock = ItemRepository(uow)
        added = stock.add(**key, **first)
        assert fields(added, first) == first
        assert fields(added, key) == key | {"language": key["language"] or None}
        for again in (stock.get(added.id), stock.get_or_none(added.id), *stock.list(), *stock.page().items):
            assert again == added
        assert list(stock.stream()) == list(stock.numbered_page().items) == [added]
        editable = {name: value for name, value in second.items() if name in stock.editable}
        assert stock.update(added.id, **editable) == stock.get(added.id)
        assert fields(stock.get(added.id), editable) == editable
        conflict = {name: key[name] for name in stock.conflict_key}
        upserted = stock.upsert(**conflict, **second)
        assert fields(upserted.record, second) == second
        assert stock.list() == [upserted.record]
        assert stock.upsert(**conflict, **second).outcome is Outcome.UNCHANGED


@pytest.mark.dear
@settings(max_examples=40, deadline=None)
@given(st.text("abAB%_\\ é'", max_size=6), st.text("abAB%_\\ é'", max_size=3))
def test_a_search_finds_what_python_would_find(shared_room: Storeroom, title: str, text: str) -> None:
    with shared_room.write() as uow:
        clear(uow)
        stock = ItemRepository(uow)
        stock.add(code="#", language=None, title=title)
        assert stock.exists(text=text) == (text.lower() in title.lower() or text in "#")
        assert stock.exists(title=title)
        assert stock.exists(title=[title, None])


def test_a_record_outlives_its_unit_of_work_and_its_row(room: Storeroom) -> None:
    with room.write() as uow:
        record = ItemRepository(uow).add(code="a", language=None, body={"a": [1]})
    copy = record.model_copy(deep=True)
    with room.write() as uow:
        ItemRepository(uow).update(record.id, title="changed")
    with room.write() as uow:
        ItemRepository(uow).delete(record.id)
    assert record == copy
    assert (record.title, record.version, record.body) == (None, 1, {"a": [1]})


def test_a_record_cant_be_changed(stock: ItemRepository) -> None:
    stock.add(code="a", language=None)
    made = [
        stock.get(stock.list()[0].id),
        stock.list()[0],
        stock.page().items[0],
        next(stock.stream()),
        stock.upsert(code="a", language=None).record,
    ]
    for record in made:
        with pytest.raises(ValidationError, match="frozen"):
            record.title = "y"
        assert record.title is None


def test_pages_cant_be_changed(stock: ItemRepository) -> None:
    stock.add(code="a", language=None)
    made: list[Any] = [stock.page(), stock.numbered_page(), stock.upsert(code="a", language=None)]
    for each in made:
        with pytest.raises(FrozenInstanceError):
            each.items = ()
    assert isinstance(stock.page().items, tuple)
    assert isinstance(stock.numbered_page().items, tuple)


def test_a_record_may_have_fewer_fields_in_an_order_of_its_own(uow: UnitOfWork, stock: ItemRepository) -> None:
    class Title(Record):
        title: str | None
        id: int

    class Titles(ModelRepository[Item, Title]):
        name = "stock.titles"
        sorts = ("code", "title")

    made = [stock.add(code=code, language=None, title=f"t{code}") for code in "abc"]
    titles, expected = Titles(uow), [Title(id=each.id, title=each.title) for each in made]
    assert titles.list(sort="code") == expected
    first = titles.page(size=2, sort="-code")
    assert [*first.items, *titles.page(size=2, sort="-code", after=first.next).items] == expected[::-1]
    assert titles.get(made[1].id) == expected[1]
