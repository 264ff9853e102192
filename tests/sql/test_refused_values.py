"""What a column doesn't take is refused by its name before it is sent, in each statement, alike on both databases."""

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    BindParameter,
    Column,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import TypeDecorator

from storeroom import Statement, Storeroom
from storeroom.errors import StatementFailed, ValueRefused
from tests.sql.tables import ALL, PUT, Colour, samples
from tests.sql.values import FIELD_VALUES

HUGE = 10**5000
NAIVE = datetime(2024, 1, 1)
FIRST_DAY = datetime(1, 1, 1, 12, tzinfo=UTC)
LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)

REFUSED: list[tuple[str, Any, str]] = [
    ("path", "x" * 51, "has 51 characters; at most 50 are allowed"),
    ("path", 1, "1 isn't text; give a str"),
    ("path", b"x", "b'x' isn't text"),
    ("path", "a\0b", r"'a\\x00b' has a NUL character, which no database here stores; remove it"),
    ("path", "\ud800", r"'\\ud800' has half a surrogate pair, which no database here stores; remove it"),
    ("language", "\0", "has a NUL character"),
    ("language", 5, "isn't text"),
    ("note", "x\udc00", "has half a surrogate pair"),
    ("number", 2**31, "2147483648 doesn't fit into 32 bits; use a smaller number, or a BigInt column"),
    ("number", -(2**31) - 1, "doesn't fit into 32 bits"),
    ("number", True, "True isn't a whole number; give an int"),
    ("number", 1.0, "1.0 isn't a whole number"),
    ("number", "1", "'1' isn't a whole number"),
    ("number", HUGE, "a value of type int doesn't fit"),
    ("big", 2**63, "doesn't fit into 64 bits; use a smaller number"),
    ("big", -(2**63) - 1, "doesn't fit into 64 bits"),
    ("ready", 1, "1 isn't True or False; give a bool"),
    ("ready", "true", "isn't True or False"),
    ("weight", math.nan, "nan isn't a finite number"),
    ("weight", math.inf, "inf isn't a finite number"),
    ("weight", HUGE, "or is too large for a float; use another, or None"),
    ("weight", True, "True isn't a number; give a float"),
    ("weight", Decimal("0.1"), "isn't a number"),
    ("day", datetime(2024, 1, 1, tzinfo=UTC), "isn't a date; give one, as in"),
    ("day", "2024-01-01", "'2024-01-01' isn't a date"),
    ("at", NAIVE, "isn't a datetime with a time zone; give one, as in"),
    ("at", date(2024, 1, 1), "isn't a datetime with a time zone"),
    ("at", "2024-01-01", "isn't a datetime"),
    ("at", FIRST_DAY, "is on the first or the last day that Python knows; for a time that never comes, use None"),
    ("at", LAST_DAY, "is on the first or the last day"),
    ("at", datetime.min.replace(tzinfo=timezone(timedelta(hours=2))), "is on the first or the last day"),
    ("colour", "blue", r"'blue' isn't one of 'red', .*; use one of them"),
    ("colour", 7, "7 isn't one of"),
    ("colour", ["red"], "isn't one of"),
    ("body", {"a": math.nan}, r"can't be stored as JSON: \$\.a is nan, which JSON doesn't have; use plain JSON values"),
    ("body", {"a": {"b": HUGE}}, r"can't be stored as JSON: \$\.a\.b is a whole number of more than 4300 digits"),
    ("body", {"a": "x\0"}, r"\$\.a is 'x\\x00', with a NUL character"),
    ("body", {"a": {1}}, "of type set"),
    ("counters", [1], "isn't a dict of counters; give one, as in {'srt': 1}"),
    ("counters", {"a": True}, "has True at 'a', which isn't a whole number of 64 bits; count in those"),
    ("counters", {"a": 1.0}, "has 1.0 at 'a'"),
    ("counters", {"a": 2**63}, "has 9223372036854775808 at 'a'"),
    ("counters", {"a": HUGE}, "has a value of type int at 'a'"),
    ("counters", {3: 1}, r"\$ has the key 3, which isn't text"),
    ("counters", {"\0": 1}, "with a NUL character"),
]

GOOD = {"path": "a", "language": None, **dict.fromkeys(FIELD_VALUES)}
INSERT = Statement(insert(samples))
CHANGE = Statement(update(samples).where(samples.c.id == bindparam("key")))


@pytest.mark.parametrize(
    ("field", "value", "message"), REFUSED, ids=[f"{field}{number}" for number, (field, *_) in enumerate(REFUSED)]
)
def test_a_value_is_refused_by_name_and_the_transaction_goes_on(
    room: Storeroom, field: str, value: Any, message: str
) -> None:
    find = Statement(select(samples.c.id).where(samples.c[field] == bindparam(field)))
    among = Statement(select(samples.c.id).where(samples.c[field].in_(bindparam(field, expanding=True))))
    with room.write() as uow:
        PUT.affected(uow, **GOOD)
        attempts = [
            (INSERT.affected, GOOD | {field: value}),
            (PUT.affected, GOOD | {field: value}),
            (CHANGE.affected, {field: value, "key": 1}),
            (find.all, {field: value}),
            (among.all, {field: [value]}),
        ]
        for run, parameters in attempts:
            with pytest.raises(ValueRefused, match=f"^{field}: .*{message}") as caught:
                run(uow, **parameters)
            assert caught.value.field == field
            assert caught.value.value is value
            assert ";" in str(caught.value)
        with pytest.raises(ValueRefused, match=f"^{field}: "):
            list(find.stream(uow, **{field: value}))
        assert PUT.scalar(uow, **(GOOD | {"path": "b"})) == 1
        assert len(ALL.all(uow)) == 2


def test_the_field_is_the_one_that_refuses_where_several_have_the_value(room: Storeroom) -> None:
    text_for_all = "x" * 51
    with room.write() as uow, pytest.raises(ValueRefused, match=r"^path: ") as caught:
        INSERT.affected(uow, **(GOOD | {"note": text_for_all, "language": text_for_all, "path": text_for_all}))
    assert caught.value.field == "path"


def test_a_constant_of_the_statement_is_refused_too(room: Storeroom) -> None:
    with room.write() as uow:
        with pytest.raises(ValueRefused, match="'blue' isn't one of") as caught:
            Statement(select(samples.c.id).where(samples.c.colour == "blue")).all(uow)
        assert caught.value.field is None
        assert ALL.all(uow) == []


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "\udfff\0"])
def test_a_plain_column_of_text_refuses_the_same(room: Storeroom, value: str) -> None:
    plain = Table("proof_samples", MetaData(), Column("id", Integer, primary_key=True), Column("path", String))
    find = Statement(select(plain.c.id).where(plain.c.path == bindparam("path")))
    among = Statement(select(plain.c.id).where(plain.c.path.in_(bindparam("path", expanding=True))))
    raw = Statement(text("SELECT id FROM proof_samples WHERE path = :path"))
    with room.write() as uow:
        for statement, given in [(find, value), (among, ["a", value]), (raw, value)]:
            with pytest.raises(ValueRefused, match=f"^path: {re.escape(repr(value))} has ") as caught:
                statement.all(uow, path=given)
            assert (caught.value.field, caught.value.value) == ("path", value)
            with pytest.raises(ValueRefused, match=r"^path: "):
                list(statement.stream(uow, path=given))
        assert ALL.all(uow) == []


def test_a_number_that_no_driver_sends_is_one_of_our_errors(room: Storeroom) -> None:
    plain = Table("proof_samples", MetaData(), Column("id", Integer, primary_key=True))
    with pytest.raises((ValueRefused, StatementFailed)), room.write() as uow:
        Statement(insert(plain)).affected(uow, id=2**63)


def test_members_and_values_of_a_choice_are_the_same(room: Storeroom) -> None:
    with room.write() as uow:
        for number, value in enumerate((Colour.BOUND, "a:b")):
            INSERT.affected(uow, **(GOOD | {"path": str(number), "colour": value}))
        assert [row.colour for row in ALL.all(uow)] == [Colour.BOUND, Colour.BOUND]


def test_a_long_value_is_cut_in_the_message(room: Storeroom) -> None:
    with room.write() as uow, pytest.raises(ValueRefused) as caught:
        INSERT.affected(uow, **(GOOD | {"path": "x" * 10_000}))
    assert len(str(caught.value)) < 300
    assert caught.value.value == "x" * 10_000


class Even(TypeDecorator[int]):
    """A type of a plugin's own, which refuses by the public error."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value % 2:
            raise ValueRefused(f"{value!r} is odd; give an even number", value=value)
        return int(value)


def test_a_type_of_a_plugins_own_refuses_by_name_too(room: Storeroom) -> None:
    even: BindParameter[int] = bindparam("even", type_=Even())
    find = Statement(select(samples.c.id).where(samples.c.number == even))
    with room.write() as uow:
        assert find.all(uow, even=2) == []
        for run in (find.all, find.stream):
            with pytest.raises(ValueRefused, match=r"^even: 3 is odd; give an even number$") as caught:
                list(run(uow, even=3))
            assert (caught.value.field, caught.value.value) == ("even", 3)
        assert uow.statements == 1  # those that were refused weren't sent
        assert find.all(uow, even=4) == []
