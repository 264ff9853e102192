"""update: the named fields and no other, and a lock against those who have read an older row."""

from typing import Any

import pytest
from sqlalchemy import select

from storeroom import Statement, StatementRun, UnitOfWork
from storeroom.errors import Duplicate, FieldUnknown, NotFound, NullRefused, StaleVersion, ValueRefused
from tests.repository.tables import NOON, ItemRecord, ItemRepository, Mood, PairRecord, PairRepository, pairs


@pytest.fixture
def item(stock: ItemRepository) -> ItemRecord:
    """An item, beside another that must stay as it is."""
    stock.add(code="other", language=None)
    return stock.add(code="a", language="de", title="t", rank=1, size=2, mood="grim", at=NOON, body={"a": [1]}, hits=3)


def test_the_named_fields_are_set_and_the_version_grows(stock: ItemRepository, item: ItemRecord) -> None:
    (other, _) = stock.list()
    changed = stock.update(item.id, title=None, rank=5, mood=Mood.SUNNY)
    assert changed == item.model_copy(update={"title": None, "rank": 5, "mood": Mood.SUNNY, "version": 2})
    assert stock.update(item.id, language=None).version == 3
    assert stock.update(item.id, language="").version == 4  # the same value is a change too: somebody has said it
    assert stock.list() == [other, stock.get(item.id)]
    assert stock.get(item.id).language is None


@pytest.mark.parametrize("field", ["id", "hits", "big", "added_at", "nope", "_key", "_version", "self", "key", ""])
def test_a_field_that_isnt_editable_is_refused_and_nothing_is_set(
    stock: ItemRepository, item: ItemRecord, sent: list[StatementRun], field: str
) -> None:
    form: dict[str, Any] = {"rank": 9, field: 7}
    before = len(sent)
    with pytest.raises(FieldUnknown) as caught:
        stock.update(item.id, **form)
    assert (caught.value.repository, caught.value.field) == ("stock", field)
    message = f"ItemRepository has no field {field!r} that update() sets; use one of: code, language, title"
    assert str(caught.value).startswith(message)
    assert len(sent) == before
    assert stock.get(item.id) == item


def test_a_form_that_says_a_version_gives_the_lock_and_never_sets_it(stock: ItemRepository, item: ItemRecord) -> None:
    form: dict[str, Any] = {"rank": 9, "version": 7}
    with pytest.raises(StaleVersion):
        stock.update(item.id, **form)
    assert stock.update(item.id, **(form | {"version": 1})).version == 2


def test_with_the_version_that_was_read_a_row_is_changed_once(stock: ItemRepository, item: ItemRecord) -> None:
    assert stock.update(item.id, version=1, rank=2).version == 2
    with pytest.raises(StaleVersion) as caught:
        stock.update(item.id, version=1, rank=3)
    error = caught.value
    assert (error.repository, error.key, error.expected, error.found) == ("stock", item.id, 1, 2)
    assert str(error) == (
        f"ItemRepository: the row with key {item.id} has version 2, not 1: it was changed meanwhile; read it again, "
        "and decide anew"
    )
    with pytest.raises(StaleVersion):
        stock.update(item.id, version=3, rank=3)  # nor one that is yet to come
    assert (stock.get(item.id).rank, stock.get(item.id).version) == (2, 2)
    assert stock.update(item.id, version=2, rank=3).version == 3


def test_a_row_that_isnt_there_is_not_found(stock: ItemRepository, item: ItemRecord) -> None:
    stock.delete(item.id)
    for lock in ({}, {"version": 1}):
        with pytest.raises(NotFound, match=f"^ItemRepository has no row with key {item.id}$") as caught:
            stock.update(item.id, **lock, rank=1)
        assert (caught.value.repository, caught.value.key) == ("stock", item.id)


@pytest.mark.parametrize("version", ["1", 1.0, True, 2**63])
def test_a_version_that_isnt_one_is_refused(
    stock: ItemRepository, item: ItemRecord, sent: list[StatementRun], version: Any
) -> None:
    before = len(sent)
    with pytest.raises(ValueRefused) as caught:
        stock.update(item.id, version=version, rank=2)
    assert (caught.value.field, caught.value.value) == ("version", version)
    assert len(sent) == before
    assert stock.get(item.id) == item


def test_no_field_is_a_mistake(stock: ItemRepository, item: ItemRecord) -> None:
    for lock in ({}, {"version": 1}):
        with pytest.raises(TypeError, match=r"^update\(\) takes the fields to set; name at least one$"):
            stock.update(item.id, **lock)
    assert stock.get(item.id) == item


def test_a_constraint_that_an_update_breaks_is_named(uow: UnitOfWork, stock: ItemRepository, item: ItemRecord) -> None:
    with pytest.raises(Duplicate) as caught, uow.savepoint():
        stock.update(item.id, code="other", language="")
    assert caught.value.constraint == "uq_stock_code_language"
    with pytest.raises(NullRefused), uow.savepoint():
        stock.update(item.id, rank=None)
    assert stock.get(item.id) == item


def test_a_model_without_a_version_is_updated_by_its_key_alone(uow: UnitOfWork) -> None:
    shop = PairRepository(uow)
    shop.add(key="a", at=NOON)
    assert shop.update("a", work="w") == PairRecord(key="a", work="w", at=NOON)
    assert shop.update("a", hidden=8).work == "w"
    assert Statement(select(pairs.c.hidden)).scalar(uow) == 8
    with pytest.raises(NotFound):
        shop.update("b", work="w")
    with pytest.raises(TypeError, match="table 'stock_pairs' has no version; make the model Versioned"):
        shop.update("a", version=1, work="x")
    assert shop.get("a").work == "w"
