"""Filters whose types are declared: `where` asks what keywords ask, and the declaration has to fit the filters."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Required, TypedDict, TypeVar

import pytest
from sqlalchemy.orm import DeclarativeBase

from storeroom import AnyOf, ModelRepository, Record, UnitOfWork, at_least, equals
from storeroom.errors import FieldUnknown
from tests.repository.tables import NOON, Item, ItemRecord, ItemRepository
from tests.repository.test_refused_filters import ASK

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)


class ShelfFilters(TypedDict, total=False):
    rank: AnyOf[int]
    least: int


class OtherFilters(TypedDict, total=False):
    rank: int


class StrictFilters(TypedDict, total=False):
    rank: Required[int]
    least: int


FILTERS = {"rank": equals("rank"), "least": at_least("size")}
ANSWERS = {
    "exists": True,
    "count": 1,
    "count at most": 1,
    "prune": 1,
}


@pytest.mark.parametrize("verb", ASK)
def test_every_verb_takes_filters_in_where(stock: ItemRepository, verb: str) -> None:
    for code, rank in (("a", 1), ("b", 2)):
        stock.add(code=code, language=None, rank=rank, size=5, added_at=NOON - timedelta(hours=1))
    found = [ASK[verb](stock, **asked) for asked in ({"where": {"rank": 2, "least": 5}}, {"where": {"rank": 7}})]
    if verb in ANSWERS:
        assert found == [ANSWERS[verb], 0]
    else:
        answers: list[Any] = [getattr(answer, "items", answer) for answer in found]
        codes = [[each.code for each in answer] for answer in answers]
        assert codes == [["b"], []]
    assert stock.count() == (1 if verb == "prune" else 2)


def test_keywords_and_where_hold_together(stock: ItemRepository) -> None:
    for code, rank in (("a", 1), ("b", 2), ("c", 2)):
        stock.add(code=code, language=None, rank=rank)
    assert [each.code for each in stock.list(where={"rank": 2}, text="c")] == ["c"]


def test_a_filter_is_given_once(stock: ItemRepository) -> None:
    with pytest.raises(TypeError, match="filter 'rank' is given by name and in where; give it once"):
        stock.list(where={"rank": 2}, rank=1)


def test_an_unknown_filter_in_where_is_refused(stock: ItemRepository) -> None:
    with pytest.raises(FieldUnknown, match=r"has no filter 'rnak'; use one of: .*rank"):
        stock.list(where={"rnak": 2})


def test_a_typed_dict_may_be_given_that_was_made_elsewhere(uow: UnitOfWork) -> None:
    class Shelf(ModelRepository[Item, ItemRecord, ShelfFilters]):
        name = "stock"
        filters = FILTERS

    Shelf(uow).add(code="a", language=None, rank=1, size=3)
    asked: ShelfFilters = {"rank": [1, 2], "least": 3}
    assert [each.code for each in Shelf(uow).page(where=asked).items] == ["a"]


def over_one(asked: Any) -> object:
    class Shelf(ModelRepository[Item, ItemRecord, asked]):
        name = "stock"
        filters = FILTERS

    return Shelf


def over_any(asked: Any) -> object:
    """By a class that is generic in its model and its record, and not in its filters."""

    class Verbs(ModelRepository[ModelT, RecordT, asked]):
        pass

    class Shelf(Verbs[Item, ItemRecord]):
        name = "stock"
        filters = FILTERS

    return Shelf


@pytest.mark.parametrize("declare", [over_one, over_any])
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (OtherFilters, r"OtherFilters and filters don't have the same names \(least\); name each in both"),
        (StrictFilters, r"StrictFilters requires \['rank'\]; declare it with total=False"),
        (dict[str, Any], "isn't a TypedDict; give one with the filters' names and what each takes"),
    ],
)
def test_a_declaration_that_doesnt_fit_is_refused(declare: Callable[[Any], object], asked: Any, why: str) -> None:
    with pytest.raises(TypeError, match=f"Shelf: .*{why}"):
        declare(asked)


@pytest.mark.parametrize("declare", [over_one, over_any])
@pytest.mark.parametrize("asked", [ShelfFilters, Mapping[str, Any]])
def test_one_that_fits_is_taken(declare: Callable[[Any], object], asked: Any) -> None:
    assert isinstance(declare(asked), type)
