"""What a filter or an order doesn't take is refused by its name, and nothing is sent."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from storeroom import ModelRepository, StatementRun, UnitOfWork
from storeroom.errors import FieldUnknown, ValueRefused
from tests.repository.tables import NO_NUMBERS, NOON, ItemRepository, Pair, PairRecord

# Every verb that takes filters.
ASK: dict[str, Callable[..., object]] = {
    "exists": lambda stock, **asked: stock.exists(**asked),
    "count": lambda stock, **asked: stock.count(**asked),
    "count at most": lambda stock, **asked: stock.count(at_most=5, **asked),
    "list": lambda stock, **asked: stock.list(**asked),
    "list some": lambda stock, **asked: stock.list(limit=5, **asked),
    "page": lambda stock, **asked: stock.page(**asked),
    "numbered_page": lambda stock, **asked: stock.numbered_page(**asked),
    "stream": lambda stock, **asked: list(stock.stream(**asked)),
    "prune": lambda stock, **asked: stock.prune(NOON, **asked),
}
ASK_IN_ORDER = {name: verb for name, verb in ASK.items() if name.split()[0] not in {"exists", "count", "prune"}}

HUGE = 10**5000


class Refusing:
    """Asks, and sees to it that nothing is sent, and that work goes on."""

    def __init__(self, stock: ItemRepository, sent: list[StatementRun]) -> None:
        self.stock = stock
        self.sent = sent
        stock.add(code="a", language=None)

    def __call__(self, kind: type[Exception], verb: Callable[..., object], **asked: Any) -> Any:
        before = len(self.sent)
        with pytest.raises(kind) as caught:
            verb(self.stock, **asked)
        assert len(self.sent) == before
        assert self.stock.count() == 1
        assert len(self.sent) == before + 1
        return caught.value


@pytest.fixture
def refusing(stock: ItemRepository, sent: list[StatementRun]) -> Refusing:
    return Refusing(stock, sent)


VALUES: list[tuple[str, Any, str]] = [
    ("size_is", "1", "'1' isn't a whole number; give an int"),
    ("size_is", True, "True isn't a whole number"),
    ("size_is", 1.0, "1.0 isn't a whole number"),
    ("size_is", 2**31, "doesn't fit into 32 bits"),
    ("size_is", HUGE, "doesn't fit into 32 bits"),
    ("size_is", b"1", "b'1' isn't a whole number"),
    ("size_is", {"a": 1}, "isn't a whole number"),
    ("big", -(2**63) - 1, "doesn't fit into 64 bits"),
    ("language", 5, "5 isn't text; give a str"),
    ("language", "\0", "has a NUL character, which no database here stores; remove it"),
    ("title", "\ud800", "has half a surrogate pair"),
    ("title", b"x", "b'x' isn't text"),
    ("weight", "1.0", "'1.0' isn't a number; give a float"),
    ("weight", float("nan"), "isn't a finite number"),
    ("weight", HUGE, "too large for a float"),
    ("at", datetime(2026, 7, 1), "isn't a datetime with a time zone; give one"),
    ("at", "2026-07-01T00:00:00Z", "isn't a datetime with a time zone"),
    ("at", datetime(1, 1, 1, tzinfo=UTC), "is on the first or the last day"),
    ("day", NOON, "isn't a date; give one"),
    ("ready", 1, "1 isn't True or False; give a bool"),
    ("mood", "happy", "'happy' isn't one of 'sunny', 'grim', .*; use one of them"),
    ("mood", 3, "3 isn't one of"),
    ("least", "1", "'1' isn't a whole number"),
    ("most", 2**31, "doesn't fit into 32 bits"),
    ("since", datetime(2026, 7, 1), "isn't a datetime with a time zone"),
    ("until", date(2026, 7, 1), "isn't a datetime with a time zone"),
    ("from_mood", "happy", "isn't one of"),
    ("from_title", "a\0", "has a NUL character"),
    ("least", [1], r"\[1\] isn't a whole number"),
]
BOUNDS = [(name, None, "None is no bound; leave the filter out") for name in ("least", "most", "since", "from_mood")]
SEARCHES: list[tuple[str, Any, str]] = [
    (
        "text",
        value,
        r"isn't text to search for; give a str of at most 10,000 characters, without NUL and half surrogate",
    )
    for value in (None, 5, b"a", ["a"], "a\0", "\udc00", "x" * 10_001)
]


def by_name(cases: list[tuple[str, Any, str]]) -> list[Any]:
    return [pytest.param(*case, id=f"{case[0]}-{number}") for number, case in enumerate(cases)]


@pytest.mark.dear
@pytest.mark.parametrize(("name", "value", "message"), by_name([*VALUES, *BOUNDS, *SEARCHES]))
def test_a_value_is_refused_by_its_filter_in_every_verb(
    refusing: Refusing, name: str, value: Any, message: str
) -> None:
    for verb in ASK.values():
        error = refusing(ValueRefused, verb, **{name: value})
        assert error.field == name
        assert error.value is value
        assert re.search(f"^{name}: .*{message}", str(error))


@pytest.mark.parametrize(
    ("name", "value", "message"), by_name([case for case in VALUES if case[0] in ItemRepository.sorts])
)
def test_a_value_among_others_is_refused_as_one_alone_is(
    refusing: Refusing, name: str, value: Any, message: str
) -> None:
    for among in ([value], (None, value), [value, value, None]):
        error = refusing(ValueRefused, ASK["list"], **{name: among})
        assert (error.field, error.value) == (name, value)
        assert re.search(f"^{name}: .*{message}", str(error))


def test_ten_thousand_values_may_be_asked_for_at_once_and_no_more(refusing: Refusing) -> None:
    stock = refusing.stock
    assert stock.count(size_is=range(10_000)) == 0
    assert stock.count(size_is=[None, *range(9_999)]) == 1
    for verb in ASK.values():
        error = refusing(ValueRefused, verb, size_is=range(10_001))
        assert (error.field, error.value) == ("size_is", range(10_001))
        assert str(error) == "size_is: 10,001 values are too many to ask for at once; give at most 10,000"


@pytest.mark.parametrize("name", ["nope", "id", "Rank", "hits", "", "rank ", "_limit", "_after_0", "key", "model"])
def test_a_filter_that_isnt_declared_is_refused_by_every_verb(refusing: Refusing, name: str) -> None:
    for verb in ASK.values():
        error = refusing(FieldUnknown, verb, **{name: 1})
        assert (error.repository, error.field) == ("stock", name)
        assert f"ItemRepository has no filter {name!r}; use one of: language, title, " in str(error)
        assert isinstance(error, ValueError)


@pytest.mark.parametrize(
    ("what", "option"),
    [("list", "size"), ("page", "number"), ("count", "limit"), ("exists", "sort")],
)
def test_an_option_of_another_verb_is_no_filter(refusing: Refusing, what: str, option: str) -> None:
    assert refusing(FieldUnknown, ASK[what], **{option: 1}).field == option


@pytest.mark.parametrize("what", [name for name in ASK if name != "exists"])
def test_a_filter_that_is_called_self_is_as_unknown_as_any(small: UnitOfWork, what: str) -> None:
    with pytest.raises(FieldUnknown):
        ASK[what](ItemRepository(small), self=1)


@pytest.mark.parametrize("what", ASK_IN_ORDER)
def test_an_order_that_isnt_declared_is_refused_by_every_verb(refusing: Refusing, what: str) -> None:
    for sort in (
        "hits",
        "nope",
        "--rank",
        "",
        "-",
        "rank,size",
        "Rank",
        "rank ",
        "code desc",
        "body",
        "version",
        "+rank",
    ):
        for given in (sort, [sort], ("rank", sort)):
            error = refusing(FieldUnknown, ASK[what], sort=given)
            assert (error.repository, error.field) == ("stock", sort)
            assert f"ItemRepository has no sort {sort!r}; use one of: code, language, " in str(error)


@pytest.mark.parametrize("sort", [[5], [None], [b"rank"], [["rank"]], [()]])
def test_an_order_of_what_isnt_text_is_refused(refusing: Refusing, sort: Any) -> None:
    error = refusing(FieldUnknown, ASK["list"], sort=sort)
    assert error.field == sort[0]


def test_a_repository_that_declares_nothing_says_so(uow: UnitOfWork) -> None:
    class Bare(ModelRepository[Pair, PairRecord]):
        name = "stock.bare"

    bare = Bare(uow)
    with pytest.raises(FieldUnknown, match=r"^Bare has no filter 'work'; Bare declares none$"):
        bare.list(work="a")
    with pytest.raises(FieldUnknown, match=r"^Bare has no sort 'work'; Bare declares none$"):
        bare.list(sort="work")
    with pytest.raises(FieldUnknown, match=r"^Bare has no field 'work' that update\(\) sets; Bare declares none$"):
        bare.update("a", work="b")
    assert bare.list(sort="-key") == []


NUMBERS: dict[str, tuple[str, Callable[..., object]]] = {
    "count": ("at_most", lambda stock, number: stock.count(at_most=number)),
    "list": ("limit", lambda stock, number: stock.list(limit=number)),
    "stream": ("size", lambda stock, number: stock.stream(size=number)),
    "prune": ("limit", lambda stock, number: stock.prune(NOON, limit=number)),
}


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("what", NUMBERS)
def test_a_number_of_rows_that_isnt_one_is_refused(refusing: Refusing, what: str, number: Any) -> None:
    name, verb = NUMBERS[what]
    error = refusing(ValueRefused, partial(verb, number=number))
    assert (error.field, error.value) == (name, number)
    assert re.search(f"^{name}: .* isn't a whole number from 1", str(error))


def test_a_prune_is_of_ten_thousand_rows_at_most(refusing: Refusing) -> None:
    error = refusing(ValueRefused, lambda stock: stock.prune(NOON, limit=10_001))
    assert str(error) == "limit: 10001 isn't a whole number from 1 to 10,000; give one"
    assert refusing.stock.prune(NOON, limit=10_000) == 0


def test_the_largest_numbers_are_taken(stock: ItemRepository) -> None:
    stock.add(code="a", language=None)
    largest = 2**63 - 1
    assert stock.count(at_most=largest) == len(stock.list(limit=largest)) == 1


def test_a_stream_of_the_largest_size_is_read_or_refused(refusing: Refusing) -> None:
    with suppress(ValueRefused):
        assert len(list(refusing.stock.stream(size=2**63 - 1))) == 1
    assert refusing.stock.count() == 1


def test_a_key_and_filters_together_are_refused(refusing: Refusing) -> None:
    error = refusing(TypeError, lambda stock: stock.exists(1, rank=0))
    assert str(error) == "exists() takes a key or filters, not both"
