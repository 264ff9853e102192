"""A cursor that isn't one of this order is CursorInvalid, never another error, and nothing is sent."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storeroom import Page, StatementRun, Storeroom, UnitOfWork
from storeroom.errors import CursorInvalid, ValueRefused
from storeroom.testing import counted
from tests.repository.tables import ItemRecord, ItemRepository, PairRepository, TickRepository, clear

SORT = ["-title", "size", "at", "mood", "-big", "ready", "day", "weight", "language"]
LABEL = f"stock:{','.join(SORT)},id"
# A value of each of these columns, and the primary key's.
GOOD: list[Any] = ["t", 1, "2026-07-01T12:00:00Z", "grim", 5, True, "2026-07-01", 1.5, "en", 1]


def encoded(payload: bytes) -> str:
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def decoded(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def forged(values: object, label: str = LABEL) -> str:
    """Return a cursor of this order that no page has given."""
    return encoded(f"{label}\n{json.dumps(values)}".encode())


def with_value(name: str, value: object) -> str:
    place = ([each.removeprefix("-") for each in SORT] + ["id"]).index(name)
    return forged([*GOOD[:place], value, *GOOD[place + 1 :]])


class Reader:
    """Asks for a page after a cursor, and sees to it that what is refused isn't sent, and that work goes on."""

    def __init__(self, uow: UnitOfWork, sent: list[StatementRun]) -> None:
        self.stock = ItemRepository(uow)
        self.sent = sent
        for number in range(3):
            self.stock.add(code=str(number), language="en", title="t", size=number, at=datetime(2026, 7, 1, tzinfo=UTC))

    def refuse(self, cursor: Any, sort: Any = SORT, **filters: Any) -> CursorInvalid:
        before = len(self.sent)
        with pytest.raises(CursorInvalid) as caught:
            self.stock.page(size=1, sort=sort, after=cursor, **filters)
        self.check(caught.value, cursor, before)
        return caught.value

    def read(self, cursor: Any) -> Page[ItemRecord] | None:
        """Return the page, or None where the cursor is refused."""
        before = len(self.sent)
        try:
            return self.stock.page(size=1, sort=SORT, after=cursor)
        except CursorInvalid as error:
            self.check(error, cursor, before)
        return None

    def check(self, error: CursorInvalid, cursor: Any, before: int) -> None:
        assert len(self.sent) == before
        assert error.cursor is cursor
        assert error.repository == "stock"
        assert str(error).startswith("ItemRepository: cursor ")
        assert str(error).endswith("; use Page.next of the same order")
        assert isinstance(error, ValueError)
        assert self.stock.count() == 3
        assert len(self.sent) == before + 1


@contextmanager
def reading(room: Storeroom) -> Iterator[Reader]:
    with room.write() as uow, counted(room) as sent:
        clear(uow)
        yield Reader(uow, sent)


@pytest.fixture
def reader(shared_room: Storeroom) -> Iterator[Reader]:
    with reading(shared_room) as reader:
        yield reader


def real_cursor(reader: Reader) -> str:
    cursor = reader.stock.page(size=1, sort=SORT).next
    assert cursor is not None
    return cursor


def test_the_forged_cursor_of_these_tests_would_be_taken_if_its_values_were_good(reader: Reader) -> None:
    assert reader.read(forged(GOOD)) is not None
    assert reader.read(real_cursor(reader)) is not None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        " ",
        "\0",
        "x",
        "????",
        "é",
        "\ud800",
        "%",
        "AAAA",
        "=",
        pytest.param("a" * 1_000_001, id="long"),
        "[]",
        "null",
    ],
)
def test_garbage_is_refused(reader: Reader, cursor: str) -> None:
    reader.refuse(cursor)


@pytest.mark.parametrize("cursor", [b"AAAA", 0, 1, 1.5, True, [], ["a"], {}, object(), datetime(2026, 7, 1)])
def test_what_isnt_text_is_refused(reader: Reader, cursor: object) -> None:
    assert "it isn't text" in str(reader.refuse(cursor))


def test_a_part_of_a_cursor_is_refused(reader: Reader) -> None:
    cursor = real_cursor(reader)
    for length in range(len(cursor)):
        reader.refuse(cursor[:length])
    for start in range(1, len(cursor)):
        reader.refuse(cursor[start:])
    reader.refuse(cursor * 2)


@pytest.mark.parametrize("more", ["!", "!!!!", "    ", "\n\n\n\n", "=", "====", "é", "\0"])
def test_a_cursor_with_a_character_too_many_is_refused(reader: Reader, more: str) -> None:
    cursor = real_cursor(reader)
    for place in (0, 1, len(cursor) // 2, len(cursor) - 1):
        reader.refuse(cursor[:place] + more + cursor[place:])


def test_a_cursor_of_another_order_is_refused_and_said_to_be(reader: Reader) -> None:
    stock = reader.stock
    for other in ("title", "-size", None, ["title", "-size"], ["size", "title"], "id", "-id"):
        cursor = stock.page(size=1, sort=other).next
        assert "it belongs to 'stock:" in str(reader.refuse(cursor, ["-title", "size"]))
    same = stock.page(size=1, sort=["-title", "size", "-id"]).next
    reader.refuse(same, ["-title", "size"])


def test_a_cursor_of_another_table_is_refused(reader: Reader) -> None:
    ticks = TickRepository(reader.stock.uow)
    ticks.add()
    ticks.add()
    error = reader.refuse(ticks.page(size=1).next, None)
    assert "it belongs to 'stock_ticks:id', and this is 'stock:id'" in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", 5),
        ("title", ["t"]),
        ("title", "a\0b"),
        ("size", "one"),
        ("size", 1.5),
        ("size", 2**31),
        ("size", -(10**400)),
        ("size", {}),
        ("at", "yesterday"),
        ("at", "2026-07-01T12:00:00"),
        ("at", "0001-01-01T00:00:00Z"),
        ("at", "9999-12-31T23:59:59+14:00"),
        ("at", 1e300),
        ("mood", "happy"),
        ("mood", "GRIM"),
        ("big", 2**63),
        ("big", "x"),
        ("ready", "maybe"),
        ("ready", 7),
        ("day", "2026-02-30"),
        ("day", "12026-01-01"),
        ("weight", "heavy"),
        ("weight", float("nan")),
        ("weight", float("inf")),
        ("weight", 10**400),
        ("language", 1),
        ("language", "\0"),
        ("id", None),
        ("id", 2**63),
        ("id", "one"),
    ],
)
def test_a_value_that_its_column_doesnt_take_is_refused(reader: Reader, name: str, value: object) -> None:
    reader.refuse(with_value(name, value))


@pytest.mark.parametrize(
    "values", [None, 5, "t", {}, [], GOOD[:-1], [*GOOD, 1], [GOOD], dict(enumerate(GOOD))], ids=str
)
def test_values_of_another_shape_are_refused(reader: Reader, values: object) -> None:
    reader.refuse(forged(values))


@pytest.mark.parametrize(
    "text", ["", "[", pytest.param("[" * 100_000, id="deep"), "[NaN", "[1e999999]", '["\\ud800"]', "\xff", "{" * 9]
)
def test_what_isnt_json_is_refused(reader: Reader, text: str) -> None:
    reader.refuse(encoded(LABEL.encode() + b"\n" + text.encode("latin-1")))


json_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(GOOD)
    | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31", "2026-07-01T12:00:00-23:59", 2**63, -(2**63) - 1, 1e308])
)


@pytest.mark.dear
@settings(max_examples=50, deadline=None)
@given(st.text() | st.text("-_ABCabc019=+/") | st.binary().map(encoded) | st.binary())
def test_any_text_and_bytes_are_refused(shared_room: Storeroom, cursor: Any) -> None:
    with reading(shared_room) as reader:
        reader.refuse(cursor)


@pytest.mark.dear
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_real_cursor_with_other_bytes_is_refused_or_taken_for_what_it_says(
    shared_room: Storeroom, data: st.DataObject
) -> None:
    with reading(shared_room) as reader:
        real = decoded(real_cursor(reader))
        place = data.draw(st.integers(0, len(real)))
        cut = data.draw(st.integers(0, 3))
        more = data.draw(st.binary(max_size=4) | st.sampled_from([b"-", b"9" * 30, b"null", b'"', b"\\u0000", b"e999"]))
        reader.read(encoded(real[:place] + more + real[place + cut :]))


@pytest.mark.dear
@settings(max_examples=50, deadline=None)
@given(st.lists(json_scalars, min_size=len(GOOD), max_size=len(GOOD)) | st.lists(json_scalars))
def test_a_cursor_with_any_values_is_refused_or_taken_for_what_it_says(
    shared_room: Storeroom, values: list[Any]
) -> None:
    with reading(shared_room) as reader:
        reader.read(forged(values))


@pytest.mark.dear
@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(GOOD) - 1), json_scalars | st.lists(json_scalars, max_size=2))
def test_a_cursor_with_one_other_value_is_refused_or_taken_for_what_it_says(
    shared_room: Storeroom, place: int, value: object
) -> None:
    with reading(shared_room) as reader:
        reader.read(forged([*GOOD[:place], value, *GOOD[place + 1 :]]))


def test_a_filter_that_is_refused_is_no_fault_of_the_cursor(reader: Reader) -> None:
    with pytest.raises(ValueRefused) as caught:
        reader.stock.page(sort=SORT, after=real_cursor(reader), rank="x")
    assert caught.value.field == "rank"
    with pytest.raises(ValueRefused) as caught:
        reader.stock.page(sort=SORT, after=real_cursor(reader), title="\0")
    assert caught.value.field == "title"


def test_a_text_key_is_refused_with_nul(uow: UnitOfWork) -> None:
    pairs = PairRepository(uow)
    with pytest.raises(CursorInvalid) as caught:
        pairs.page(after=forged(["\0"], "stock_pairs:key"))
    assert (caught.value.repository, pairs.count()) == ("stock.pairs", 0)


def test_a_number_with_more_digits_than_python_writes_is_refused(reader: Reader) -> None:
    reader.refuse(10**5000)


def test_a_long_cursor_is_cut_in_the_message(reader: Reader) -> None:
    assert len(str(reader.refuse("a" * 1_000_000))) < 1000
