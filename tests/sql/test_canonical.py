"""canonical_json: one text for equal values, and a refusal that names the place for all that isn't JSON."""

import json
import math
from collections import UserString
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given

from storeroom import Storeroom
from storeroom.sql import Outcome, canonical_json
from tests.sql.tables import ALL, PUT, Colour, clear
from tests.sql.values import json_values


class Level(IntEnum):
    HIGH = 3


@given(json_values())
def test_what_is_read_back_is_what_was_written(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


def disguised(value: Any) -> Any:
    """An equal value that looks different: keys in another order, tuples, whole numbers as floats and back."""
    if isinstance(value, dict):
        return {key: disguised(each) for key, each in reversed(value.items())}
    if isinstance(value, list):
        return tuple(disguised(each) for each in value)
    if type(value) is int and abs(value) < 2**53:
        return float(value)
    if type(value) is float and value.is_integer():
        return int(value)
    return value


@given(json_values())
def test_equal_values_have_equal_text(value: Any) -> None:
    assert canonical_json(disguised(value)) == canonical_json(value)


@given(json_values(), json_values())
def test_different_values_have_different_text(one: Any, other: Any) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (as_json(one) == as_json(other))


def as_json(value: Any) -> Any:
    """The value with each truth marked: Python takes True for 1, JSON doesn't."""
    if isinstance(value, bool):
        return ("a truth", str(value))
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return {key: as_json(each) for key, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1.0, "a": (True, None)}, '{"a":[true,null],"b":1}'),
        ([True, 1, -0.0, 0.1, 1e300], f"[true,1,0,0.1,{int(1e300)}]"),
        ({"é": "ß€\U0001f600", "z": '"\\\n'}, '{"z":"\\"\\\\\\n","é":"ß€\U0001f600"}'),
        ({"\U0001f600": 1, "\uffff": 2}, '{"\uffff":2,"\U0001f600":1}'),
        ([Colour.BOUND, Level.HIGH], '["a:b",3]'),
        (10**4300 - 1, "9" * 4300),
    ],
)
def test_the_text_is_compact_and_sorted(value: Any, text: str) -> None:
    assert canonical_json(value) == text


CIRCULAR: dict[str, Any] = {}
CIRCULAR["a"] = [CIRCULAR]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, math.nan]}, r"^\$\.a\[1\] is nan, which JSON doesn't have$"),
        ({"a": math.inf}, r"^\$\.a is inf"),
        ([-math.inf], r"^\$\[0\] is -inf"),
        ({"a": "x\0y"}, r"^\$\.a is 'x\\x00y', with a NUL character"),
        ({"a": {"\0": 1}}, r"^\$\.a has the key '\\x00', with a NUL character"),
        ({"a": ["\ud800"]}, r"^\$\.a\[0\] is '\\ud800', with half a surrogate pair"),
        ({"\udfff": 1}, r"^\$ has the key '\\udfff', with half a surrogate pair"),
        ({"a": {1: 2}}, r"^\$\.a has the key 1, which isn't text"),
        ({None: 2}, r"^\$ has the key None"),
        ({"a": 10**4300}, r"^\$\.a is a whole number of more than 4300 digits"),
        ([-(10**5000)], r"^\$\[0\] is a whole number"),
        (nested(201), r"^\$(\[0\])+… is more than 200 levels deep, or the document contains itself$"),
        (CIRCULAR, r"^\$(\.a\[0\])+.*… is more than 200 levels deep, or the document contains itself$"),
        ({"a": b"x"}, r"^\$\.a is b'x', of type bytes, which JSON doesn't have$"),
        ({"a": {1}}, r"^\$\.a is \{1\}, of type set"),
        ([UserString("x")], r"^\$\[0\] is 'x', of type UserString"),
        ([{"a": {10**5000}}], r"^\$\[0\]\.a is a value of type set, of type set"),
        ([b"x" * 1000], r"^\$\[0\] is b'x{198}…, of type bytes"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        canonical_json(value)


def test_two_hundred_levels_can_be_read_back() -> None:
    assert json.loads(canonical_json(nested(200))) == nested(200)


def test_a_caller_near_the_end_of_the_stack_gets_a_value_error() -> None:
    def descend() -> str:
        try:
            return descend()
        except RecursionError:
            return canonical_json(nested(199))

    with pytest.raises(ValueError, match="nested too deep for the stack that is left"):
        descend()


@given(first=json_values(), second=json_values())
def test_both_databases_agree_whether_two_documents_are_the_same(
    shared_room: Storeroom, first: Any, second: Any
) -> None:
    same = canonical_json(first) == canonical_json(second)
    nothing = dict.fromkeys(("note", "number", "big", "ready", "weight", "day", "at", "colour", "counters"))
    with shared_room.write() as uow:
        clear(uow)
        key = {"path": "a", "language": None, **nothing}
        assert Outcome.of(PUT.scalar(uow, **key, body=first)) is Outcome.INSERTED
        assert ALL.all(uow)[0].body == first
        assert Outcome.of(PUT.scalar(uow, **key, body=disguised(first))) is Outcome.UNCHANGED
        outcome = Outcome.UNCHANGED if same else Outcome.UPDATED
        assert Outcome.of(PUT.scalar(uow, **key, body=second)) is outcome
        assert ALL.all(uow)[0].body == second
