"""Repositories as classes: what a subclass may leave open, and verbs of its own."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import DeclarativeBase

from storeroom import BaseRepository, ModelRepository, Record, Statement, UnitOfWork
from storeroom.errors import FieldUnknown
from tests.repository.tables import Pair, PairRecord, PairRepository, pairs

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)
KeyedT = TypeVar("KeyedT", bound=Record)


class Counting(ModelRepository[ModelT, RecordT]):
    def twice(self) -> int:
        return 2 * self.count()


def test_a_subclass_may_stay_generic_until_it_is_given_a_model(small: UnitOfWork) -> None:
    class CountingPairs(Counting[Pair, PairRecord]):
        name = "stock.pairs"

    class Heirs(CountingPairs):
        pass

    heirs = Heirs(small)
    heirs.add(key="a")
    assert (heirs.twice(), heirs.get("a").key) == (2, "a")


def test_a_subclass_that_gives_only_a_record_is_refused() -> None:
    class Half(ModelRepository[Pair, KeyedT]):
        pass

    with pytest.raises(TypeError, match="a model and a record, in this order"):

        class Repo(Half[PairRecord]):
            name = "stock.pairs"


def test_what_a_subclass_declares_holds_for_it_alone(small: UnitOfWork) -> None:
    class Editors(PairRepository):
        editable: ClassVar[Sequence[str]] = ("hidden",)
        default_sort = ("-key",)

    editors, others = Editors(small), PairRepository(small)
    for key in "ab":
        editors.add(key=key)
    editors.update("a", hidden=1)
    others.update("a", work="w")
    with pytest.raises(FieldUnknown, match=r"no field 'work' that update\(\) sets; use one of: hidden$"):
        editors.update("a", work="x")
    with pytest.raises(FieldUnknown, match=r"no field 'key' that update\(\) sets; use one of: work, at, hidden$"):
        others.update("a", key="x")
    assert [pair.key for pair in editors.list()] == ["b", "a"]
    assert [pair.key for pair in others.list()] == ["a", "b"]


def test_a_repository_knows_its_unit_of_work(small: UnitOfWork) -> None:
    assert BaseRepository(small).uow is small


def test_a_statement_of_its_own_returns_rows_one_row_a_value_or_a_number(uow: UnitOfWork) -> None:
    works = Statement(select(pairs.c.work).where(pairs.c.key >= bindparam("low")).order_by(pairs.c.key))
    change = Statement(update(Pair).where(pairs.c.key >= bindparam("low")).values(work="new"))
    for key in "abc":
        PairRepository(uow).add(key=key, work=key.upper())
    assert [row.work for row in works.all(uow, low="b")] == ["B", "C"]
    assert works.first(uow, low="b") == ("B",)
    assert works.scalar(uow, low="b") == "B"
    assert (works.all(uow, low="x"), works.first(uow, low="x"), works.scalar(uow, low="x")) == ([], None, None)
    assert (change.affected(uow, low="b"), change.affected(uow, low="x")) == (2, 0)
