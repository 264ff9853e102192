"""A statement is built once for each shape of filters and order, whatever the values are."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event

from storeroom import Storeroom, UnitOfWork
from tests.core.tables import engine_of
from tests.repository.tables import NOON, CountingRepository, ItemRepository, Mood, PairRepository

Ask = Callable[[ItemRepository], object]

# Of one shape each: what is asked for differs in its values only.
SAME: dict[str, Sequence[Ask]] = {
    "get": [lambda stock: stock.get_or_none(1), lambda stock: stock.get_or_none(2)],
    "exists": [lambda stock: stock.exists(1), lambda stock: stock.exists(2)],
    "exists by filters": [lambda stock: stock.exists(rank=1), lambda stock: stock.exists(rank=2)],
    "count": [lambda stock: stock.count(text="a"), lambda stock: stock.count(text="b%")],
    "count up to": [lambda stock: stock.count(at_most=1, rank=1), lambda stock: stock.count(rank=2, at_most=2)],
    "list by equal values": [
        lambda stock: stock.list(size_is=1, language="de", mood="grim"),
        lambda stock: stock.list(language=None, mood=Mood.SUNNY, size_is=2),
    ],
    "list by any of several": [
        lambda stock: stock.list(size_is=[]),
        lambda stock: stock.list(size_is={1}),
        lambda stock: stock.list(size_is=range(1000)),
    ],
    "list by several and NULL": [
        lambda stock: stock.list(size_is=[None]),
        lambda stock: stock.list(size_is=(1, None, 2)),
    ],
    "list by NULL": [lambda stock: stock.list(size_is=None), lambda stock: stock.list(size_is=None)],
    "list by ranges": [
        lambda stock: stock.list(least=1, most=2, since=NOON),
        lambda stock: stock.list(least=3, since=NOON + timedelta(1), most=4),
    ],
    "list some in an order": [
        lambda stock: stock.list(sort=["-rank", "title"], limit=1),
        lambda stock: stock.list(sort=("-rank", "title", "-title"), limit=2),
    ],
    "stream": [lambda stock: list(stock.stream(size=1)), lambda stock: list(stock.stream(size=2))],
    "page": [lambda stock: stock.page(size=1, rank=0), lambda stock: stock.page(size=2, rank=1)],
    "numbered_page": [lambda stock: stock.numbered_page(1, size=1), lambda stock: stock.numbered_page(2, size=2)],
    "add": [lambda stock: stock.add(code="x", language=None), lambda stock: stock.add(language="de", code="y")],
    "upsert": [
        lambda stock: stock.upsert(code="p", language=None, rank=1),
        lambda stock: stock.upsert(rank=2, language="de", code="q"),
    ],
    "update": [lambda stock: stock.update(KEY, rank=1), lambda stock: stock.update(KEY, rank=2)],
    "update under the lock": [
        lambda stock: stock.update(KEY, version=1, rank=1),
        lambda stock: stock.update(KEY, version=2, rank=2),
    ],
    "delete": [lambda stock: stock.delete(-1), lambda stock: stock.delete(-2)],
    "prune": [
        lambda stock: stock.prune(NOON, limit=1, rank=1),
        lambda stock: stock.prune(NOON + timedelta(1), limit=2, rank=2),
    ],
}
KEY = 10**12

# Of a shape each of its own.
DIFFERENT: Sequence[Ask] = [
    lambda stock: stock.list(),
    lambda stock: stock.list(limit=1),
    lambda stock: stock.list(size_is=1),
    lambda stock: stock.list(size_is=None),
    lambda stock: stock.list(size_is=[1]),
    lambda stock: stock.list(size_is=[1, None]),
    lambda stock: stock.list(rank=1),
    lambda stock: stock.list(rank=1, size_is=1),
    lambda stock: stock.list(least=1),
    lambda stock: stock.list(sort="rank"),
    lambda stock: stock.list(sort="-rank"),
    lambda stock: stock.list(sort=["rank", "-title"]),
    lambda stock: stock.page(),
    lambda stock: stock.page(sort="title"),
    lambda stock: stock.page(rank=1),
    lambda stock: stock.count(),
    lambda stock: stock.count(at_most=1),
    lambda stock: stock.exists(),
    lambda stock: stock.exists(1),
    lambda stock: stock.get_or_none(1),
    lambda stock: stock.update(KEY, rank=1),
    lambda stock: stock.update(KEY, rank=2, version=2),
    lambda stock: stock.prune(NOON),
    lambda stock: stock.prune(NOON, rank=1),
    lambda stock: stock.upsert(code="p", language=None, rank=1),
    lambda stock: stock.upsert(code="q", language=None),
]


@pytest.fixture
def constructs(room: Storeroom) -> Iterator[list[object]]:
    """The constructs that SQLAlchemy is given to execute."""
    given: list[object] = []

    def note(_connection: object, construct: object, *_rest: object) -> None:
        given.append(construct)

    event.listen(engine_of(room), "before_execute", note)
    yield given
    event.remove(engine_of(room), "before_execute", note)


@pytest.fixture
def filled(stock: ItemRepository, constructs: list[object]) -> ItemRepository:
    stock.add(id=KEY, code="a", language=None, title="t")
    constructs.clear()
    return stock


def compiled(room: Storeroom) -> int:
    """Return how many texts of statements the engine keeps."""
    cache = engine_of(room)._compiled_cache
    assert cache
    return len(cache)


@pytest.mark.parametrize("what", SAME)
def test_what_differs_in_values_only_is_one_statement(
    room: Storeroom, filled: ItemRepository, constructs: list[object], what: str
) -> None:
    first, *others = SAME[what]
    first(filled)
    built, kept = list(constructs), compiled(room)
    for ask in others:
        constructs.clear()
        ask(filled)
        assert len(constructs) == len(built) > 0
        assert all(one is other for one, other in zip(constructs, built, strict=True))
    assert compiled(room) == kept


def test_cursors_of_one_order_are_one_statement_where_the_same_keys_are_null(
    room: Storeroom, filled: ItemRepository, constructs: list[object]
) -> None:
    sort = ["-title", "size"]
    for number in range(4):
        filled.add(code=str(number), language=None, title="ts"[number % 2], size=None if number < 2 else number)
    constructs.clear()
    cursors = [filled.page(size=size, sort=sort).next for size in range(1, 5)]
    assert len({id(construct) for construct in constructs}) == 1
    constructs.clear()
    for cursor in cursors:
        filled.page(size=1, sort=sort, after=cursor)
    # The titles are t, t, t, s, s; the sizes NULL, NULL, 2, NULL, 3.
    none, also_none, two, again_none = constructs
    assert none is also_none is again_none is not two
    kept = compiled(room)
    for cursor in cursors:
        filled.page(size=2, sort=sort, after=cursor)
    assert compiled(room) == kept


def test_what_differs_in_shape_is_another_statement(filled: ItemRepository, constructs: list[object]) -> None:
    for ask in DIFFERENT:
        ask(filled)
    assert len(constructs) == len(DIFFERENT)
    assert len({id(construct) for construct in constructs}) == len(constructs)


def test_repositories_have_statements_of_their_own(uow: UnitOfWork, constructs: list[object]) -> None:
    for repository in (ItemRepository, CountingRepository, PairRepository):
        repository(uow).count()
    assert len({id(construct) for construct in constructs}) == 3
