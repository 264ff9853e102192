"""upsert: a row is inserted, changed or left alone, and the record is the row as it is then."""

from typing import Any

import pytest

from storeroom import StatementRun, UnitOfWork
from storeroom.errors import Duplicate, FieldUnknown, NullRefused, ValueRefused
from storeroom.sql import Outcome
from tests.repository.tables import NOON, CountingRepository, ItemRepository, Mood

KEY: dict[str, Any] = {"code": "a", "language": "de"}


def test_a_row_is_inserted_changed_or_left_alone(stock: ItemRepository) -> None:
    fields = KEY | {"title": "t", "size": None, "mood": "grim", "at": NOON, "body": {"b": 1, "a": [1.0]}, "weight": 1}
    first = stock.upsert(**fields)
    assert (first.outcome, first.record.version) == (Outcome.INSERTED, 1)
    same = stock.upsert(**(fields | {"body": {"a": [1], "b": 1.0}, "mood": Mood.GRIM}))
    assert (same.outcome, same.record) == (Outcome.UNCHANGED, first.record)
    changed = stock.upsert(**(fields | {"size": 0}))
    assert changed.outcome is Outcome.UPDATED
    assert changed.record == first.record.model_copy(update={"size": 0, "version": 2})
    assert stock.list() == [changed.record]


def test_each_record_is_the_row_as_stored(stock: ItemRepository) -> None:
    for number in (1, 1, 2, 2):
        upserted = stock.upsert(**KEY, size=number)
        assert upserted.record == stock.get(upserted.record.id)


def test_fields_that_arent_named_take_their_defaults_and_then_stay(stock: ItemRepository) -> None:
    made = stock.upsert(**KEY).record
    assert (made.rank, made.hits, made.added_at, made.title) == (0, 1, NOON, None)
    stock.update(made.id, rank=7, title="t")
    assert stock.upsert(**KEY, size=3).record == made.model_copy(
        update={"rank": 7, "title": "t", "size": 3, "version": 3}
    )


def test_none_and_the_empty_text_are_one_key(stock: ItemRepository) -> None:
    first = stock.upsert(code="a", language=None, title="t")
    again = stock.upsert(code="a", language="", title="u")
    other = stock.upsert(code="a", language="de", title="u")
    assert [each.outcome for each in (first, again, other)] == [Outcome.INSERTED, Outcome.UPDATED, Outcome.INSERTED]
    assert again.record.id == first.record.id != other.record.id
    assert again.record.language is None


def test_with_the_key_alone_a_row_is_made_once(stock: ItemRepository) -> None:
    outcomes = [stock.upsert(**KEY).outcome for _ in range(3)]
    assert outcomes == [Outcome.INSERTED, Outcome.UNCHANGED, Outcome.UNCHANGED]


def test_null_is_a_value_that_can_change(stock: ItemRepository) -> None:
    values = [None, 1, None, None, 0, 0]
    outcomes = [stock.upsert(**KEY, size=value).outcome for value in values]
    assert outcomes == [
        Outcome.INSERTED,
        Outcome.UPDATED,
        Outcome.UPDATED,
        Outcome.UNCHANGED,
        Outcome.UPDATED,
        Outcome.UNCHANGED,
    ]


def test_a_rule_says_what_a_field_becomes_on_a_conflict(uow: UnitOfWork) -> None:
    counting = CountingRepository(uow)
    assert counting.upsert(**KEY, hits=5).record.hits == 5  # the rule is for conflicts
    assert counting.upsert(**KEY, hits=2, title="t").record.hits == 7
    named = counting.upsert(**KEY)
    assert (named.outcome, named.record.hits, named.record.title) == (Outcome.UPDATED, 8, "t")  # by the default
    assert counting.upsert(**KEY, hits=0).outcome is Outcome.UNCHANGED
    assert counting.upsert(**KEY, hits=0, title="u").record.hits == 8


@pytest.mark.parametrize("lacking", [["code"], ["language"], ["code", "language"]])
def test_a_key_that_lacks_a_field_is_refused(
    stock: ItemRepository, sent: list[StatementRun], lacking: list[str]
) -> None:
    fields = {name: value for name, value in (KEY | {"rank": 1}).items() if name not in lacking}
    with pytest.raises(ValueRefused) as caught:
        stock.upsert(**fields)
    assert caught.value.field == lacking[0]
    assert str(caught.value) == (
        f"ItemRepository.upsert() lacks {lacking} of the conflict key; give all of code, language"
    )
    assert sent == []


@pytest.mark.parametrize("field", ["version", "nope", "_version", ""])
def test_a_field_that_isnt_there_is_refused(stock: ItemRepository, sent: list[StatementRun], field: str) -> None:
    with pytest.raises(
        FieldUnknown, match=f"has no field '{field}' that upsert\\(\\) sets; use one of: id, code"
    ) as caught:
        stock.upsert(**KEY, **{field: 1})
    assert (caught.value.repository, caught.value.field) == ("stock", field)
    assert sent == []


def test_a_field_that_is_called_self_is_as_unknown_as_any(small: UnitOfWork) -> None:
    with pytest.raises(FieldUnknown):
        ItemRepository(small).upsert(**KEY, self=1)


def test_a_primary_key_that_is_given_counts_at_insert_only(stock: ItemRepository) -> None:
    made = stock.upsert(**KEY, id=77, rank=1)
    again = stock.upsert(**KEY, id=78, rank=2)
    assert (made.record.id, again.outcome, again.record.id, again.record.rank) == (77, Outcome.UPDATED, 77, 2)
    assert stock.upsert(**KEY, id=79, rank=2).outcome is Outcome.UNCHANGED
    assert stock.upsert_many([{**KEY, "id": 80, "rank": 2}, {**KEY, "id": 81, "rank": 3}]) == ["unchanged", "updated"]
    assert [item.id for item in stock.list()] == [77]


def test_a_key_of_null_is_refused_by_the_database(uow: UnitOfWork, stock: ItemRepository) -> None:
    with pytest.raises(NullRefused), uow.savepoint():
        stock.upsert(code=None, language=None)
    assert stock.count() == 0


def test_another_key_that_is_taken_is_a_duplicate(uow: UnitOfWork, stock: ItemRepository) -> None:
    made = stock.upsert(**KEY).record
    with pytest.raises(Duplicate) as caught, uow.savepoint():
        stock.upsert(code="b", language=None, id=made.id)
    assert caught.value.constraint == "pk_stock"
    assert stock.list() == [made]
