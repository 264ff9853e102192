"""Each verb runs as many statements as its docstring says, on each database."""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from storeroom import ModelRepository, Storeroom, UnitOfWork
from storeroom.errors import NotFound, StaleVersion
from storeroom.testing import counted, requires
from tests.repository.tables import NOON, CountingRepository, ItemRecord, ItemRepository

ONE = r"\bone statement\b"
ONE_OR_TWO = r"\bone statement\b.*\btwo (statements )?where\b"
TWO = r"\btwo statements\b"
MANY = r"on sqlite a statement for each 500 \w+; on postgresql one up to 1,000"

BATCH = 501


@dataclass(frozen=True)
class Case:
    """What a verb is asked for, how many statements that is, and what its docstring says of it."""

    verb: str
    call: Callable[[ItemRepository, ItemRecord], object]
    words: str
    expected: int
    in_lists: int | None = None
    repository: type[ItemRepository] = ItemRepository
    raises: tuple[type[Exception], ...] = ()


def fields(number: int) -> dict[str, Any]:
    return {"code": f"new {number}", "language": None}


def batch() -> Sequence[dict[str, Any]]:
    return [fields(number) for number in range(BATCH)]


CASES: dict[str, Case] = {
    "get": Case("get", lambda stock, item: stock.get(item.id), ONE, 1),
    "get, none there": Case("get", lambda stock, item: stock.get(-1), ONE, 1, raises=(NotFound,)),
    "get_or_none": Case("get_or_none", lambda stock, item: stock.get_or_none(item.id), ONE, 1),
    "get_or_none, none there": Case("get_or_none", lambda stock, item: stock.get_or_none(-1), ONE, 1),
    "exists by key": Case("exists", lambda stock, item: stock.exists(item.id), ONE, 1),
    "exists by filters": Case("exists", lambda stock, item: stock.exists(rank=0, text="a"), ONE, 1),
    "count": Case("count", lambda stock, item: stock.count(rank=[0, None]), ONE, 1),
    "count up to": Case("count", lambda stock, item: stock.count(at_most=2), ONE, 1),
    "list": Case("list", lambda stock, item: stock.list(sort=["-size", "title"], rank=0), ONE, 1),
    "list some": Case("list", lambda stock, item: stock.list(limit=2), ONE, 1),
    "stream": Case("stream", lambda stock, item: list(stock.stream(size=1)), ONE, 1),
    "page": Case("page", lambda stock, item: stock.page(size=1), ONE, 1),
    "page, the last": Case("page", lambda stock, item: stock.page(rank=5), ONE, 1),
    "numbered_page": Case("numbered_page", lambda stock, item: stock.numbered_page(1, size=1), TWO, 2),
    "numbered_page, beyond": Case("numbered_page", lambda stock, item: stock.numbered_page(99), TWO, 2),
    "add": Case("add", lambda stock, item: stock.add(**fields(0)), ONE, 1),
    "upsert, new": Case("upsert", lambda stock, item: stock.upsert(**fields(0)), ONE_OR_TWO, 1),
    "upsert, changed": Case("upsert", lambda stock, item: stock.upsert(code="a", language=None, rank=9), ONE_OR_TWO, 1),
    "upsert, unchanged": Case("upsert", lambda stock, item: stock.upsert(code="a", language=None), ONE_OR_TWO, 2),
    "upsert by a rule": Case(
        "upsert",
        lambda stock, item: stock.upsert(code="a", language=None),
        ONE_OR_TWO,
        1,
        repository=CountingRepository,
    ),
    "update": Case("update", lambda stock, item: stock.update(item.id, rank=1, title="t"), ONE_OR_TWO, 1),
    "update, locked": Case("update", lambda stock, item: stock.update(item.id, version=1, rank=1), ONE_OR_TWO, 1),
    "update, stale": Case(
        "update", lambda stock, item: stock.update(item.id, version=7, rank=1), ONE_OR_TWO, 2, raises=(StaleVersion,)
    ),
    "update, locked, none there": Case(
        "update", lambda stock, item: stock.update(-1, version=7, rank=1), ONE_OR_TWO, 2, raises=(NotFound,)
    ),
    "update, none there": Case("update", lambda stock, item: stock.update(-1, rank=1), ONE, 1, raises=(NotFound,)),
    "delete": Case("delete", lambda stock, item: stock.delete(item.id), ONE, 1),
    "delete, none there": Case("delete", lambda stock, item: stock.delete(-1), ONE, 1),
    "prune": Case("prune", lambda stock, item: stock.prune(NOON + timedelta(days=1), rank=0), ONE, 1),
    "add_many": Case("add_many", lambda stock, item: stock.add_many(batch()), MANY, 1, 2),
    "upsert_many": Case("upsert_many", lambda stock, item: stock.upsert_many(batch()), MANY, 1, 2),
    "delete_many": Case("delete_many", lambda stock, item: stock.delete_many(range(BATCH)), MANY, 1, 2),
    "add_many, none": Case("add_many", lambda stock, item: stock.add_many([]), MANY, 0),
}


@pytest.fixture
def started(room: Storeroom) -> tuple[Storeroom, ItemRecord]:
    with room.write() as uow:
        item = ItemRepository(uow).add(code="a", language=None)
        for code in "bc":
            ItemRepository(uow).add(code=code, language=None)
    return room, item


@pytest.mark.parametrize("what", CASES)
def test_a_verb_runs_as_many_statements_as_it_says(started: tuple[Storeroom, ItemRecord], what: str, lane: str) -> None:
    room, item = started
    case = CASES[what]
    expected = case.in_lists if case.in_lists is not None and not requires.whole_sets.met_by(lane) else case.expected
    with room.write() as uow:
        assert run(room, uow, case, item) == (expected, expected)


def run(room: Storeroom, uow: UnitOfWork, case: Case, item: ItemRecord) -> tuple[int, int]:
    """Return how many statements the unit of work counts, and of how many a listener is told."""
    stock, before = case.repository(uow), uow.statements
    with counted(room) as sent:
        if case.raises:
            with pytest.raises(case.raises):
                case.call(stock, item)
        else:
            case.call(stock, item)
    return uow.statements - before, len(sent)


@pytest.mark.parametrize("what", CASES)
def test_a_docstring_says_how_many(what: str) -> None:
    case = CASES[what]
    documented = " ".join((inspect.getdoc(getattr(ModelRepository, case.verb)) or "").split()).lower()
    assert re.search(case.words, documented)


def test_every_public_verb_is_counted_here() -> None:
    verbs = {name for name, each in vars(ModelRepository).items() if inspect.isfunction(each) and name[0] != "_"}
    assert verbs == {case.verb for case in CASES.values()}
    assert len(verbs) > 10


def test_a_thousand_rows_are_one_statement(room: Storeroom) -> None:
    with room.write() as uow:
        ItemRepository(uow).add_many({"code": str(number), "language": "de", "body": {}} for number in range(1000))
    with room.read() as uow, counted(room) as sent:
        stock = ItemRepository(uow)
        listed = stock.list(text="", sort="-code")
        assert len(sent) == uow.statements == 1
        assert stock.page(size=1000, text="", sort="-code").items == tuple(listed)
        assert len(sent) == uow.statements == 2
        assert list(stock.stream(size=100, sort="-code")) == listed
        assert len(sent) == uow.statements == 3
        assert [(item.body, item.language) for item in listed] == [({}, "de")] * 1000
        assert len(sent) == 3
