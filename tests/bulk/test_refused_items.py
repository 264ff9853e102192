"""An item that can't be written names its place, leaves nothing of its call behind, and the unit of work goes on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from storeroom import Storeroom, UnitOfWork
from storeroom.errors import FieldUnknown, ValueRefused
from tests.bulk.limits import SMALL, Limits
from tests.bulk.tables import Entries, Samples, Tallies, entries, left_behind, rows
from tests.sql.model import Row
from tests.sql.tables import samples, tallies
from tests.sql.values import FIELD_VALUES

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
NAIVE = datetime(2026, 7, 1)

# In a table that is copied into, and in one whose defaults are added.
SAMPLE: Row = {"path": "", "language": None, **dict.fromkeys(FIELD_VALUES), "body": {"a": [1]}, "at": NOON}
ENTRY: Row = {"name": "", "label": "l", "due": NOON, "options": {}}
BAD: list[tuple[Row, str, Any, str]] = [
    (SAMPLE, "path", "x" * 51, "has 51 characters"),
    (SAMPLE, "path", 7, "isn't text"),
    (SAMPLE, "note", "a\0b", "has a NUL character"),
    (SAMPLE, "number", "1", "isn't a whole number"),
    (SAMPLE, "ready", 1, "isn't True or False"),
    (SAMPLE, "weight", float("nan"), "isn't a finite number"),
    (SAMPLE, "day", NOON, "isn't a date"),
    (SAMPLE, "at", NAIVE, "isn't a datetime with a time zone"),
    (SAMPLE, "colour", "blue", "isn't one of"),
    (SAMPLE, "body", {"a": [{1}]}, r"\$\.a\[0\] is .*of type set"),
    (SAMPLE, "counters", {"a": "1"}, "isn't a whole number of 64 bits"),
    (ENTRY, "due", NAIVE, "isn't a datetime with a time zone"),
    (ENTRY, "label", "a\0b", "has a NUL character"),  # in a column of SQLAlchemy's own type
    (ENTRY, "label", "\ud800", "has half a surrogate pair"),
    (ENTRY, "options", {"a": NAIVE}, "of type datetime"),
]

# The first; the last that a document takes; in the second COPY; after several.
POSITIONS = [0, 1, 4, 11]
# And in the middle of the only document, or list.
PLACES = [*((SMALL, position) for position in POSITIONS), (Limits(few=20, longest=20), 4)]


def verbs(uow: UnitOfWork, item: Row) -> Sequence[Callable[[Iterator[Any]], object]]:
    repository: Any = Samples(uow) if "path" in item else Entries(uow)
    return repository.add_many, repository.upsert_many


def named(item: Row, number: int) -> Row:
    return item | {"path" if "path" in item else "name": str(number)}


def with_one(good: Row, bad: Row, position: int, read: list[int]) -> Iterator[Row]:
    for number in range(15):
        read.append(number)
        yield bad if number == position else named(good, number)


def stored(uow: UnitOfWork) -> list[Any]:
    return [rows(uow, select(table)) for table in (samples, entries)]


@pytest.mark.parametrize("refused", BAD, ids=[f"{each[1]}{number}" for number, each in enumerate(BAD)])
def test_a_value_that_is_refused_names_field_and_position(uow: UnitOfWork, refused: tuple[Row, str, Any, str]) -> None:
    good, field, value, message = refused
    Samples(uow).add(path="before", language=None)
    Entries(uow).add(name="before")
    before = stored(uow)
    for verb in verbs(uow, good):
        for limits, position in PLACES:
            read: list[int] = []
            bad = named(good, position) | {field: value}
            with limits(), pytest.raises(ValueRefused, match=f"^item {position}, {field}: .*{message}") as caught:
                verb(with_one(good, bad, position, read))
            assert (caught.value.position, caught.value.field) == (position, field)
            assert caught.value.value is value
            assert read == list(range(position + 1))
            assert stored(uow) == before
            assert left_behind(uow) == []


def test_the_unit_of_work_goes_on_and_commits(room: Storeroom) -> None:
    with room.write() as uow:
        for verb in verbs(uow, ENTRY):
            with SMALL(), pytest.raises(ValueRefused):
                verb(with_one(ENTRY, named(ENTRY, 7) | {"due": NAIVE}, 7, []))
        assert Entries(uow).add_many(with_one(ENTRY, named(ENTRY, 7), 7, [])) == 15
    with room.read() as uow:
        assert Entries(uow).count() == 15


MISFITS = [
    ({"name": "x"}, "due", r"it lacks \['due'\] and adds \[\]"),
    ({"name": "x", "due": None, "size": 1}, "size", r"it lacks \[\] and adds \['size'\]"),
    ({"name": "x", "size": 1}, "due", r"it lacks \['due'\] and adds \['size'\]"),
    ({}, "due", r"it lacks \['due', 'name'\] and adds \[\]"),
    ({"name": "x", "due": None, "version": 1}, "version", r"adds \['version'\]"),
]


@pytest.mark.parametrize(("misfit", "field", "message"), MISFITS)
def test_an_item_with_other_fields_than_the_first_is_refused(
    uow: UnitOfWork, misfit: Row, field: str, message: str
) -> None:
    good = {"name": "", "due": None}
    for verb in verbs(uow, good):
        for position in POSITIONS[1:]:
            with SMALL(), pytest.raises(ValueRefused, match=f"^item {position} .*{message}") as caught:
                verb(with_one(good, misfit, position, []))
            assert (caught.value.position, caught.value.field) == (position, field)
            assert caught.value.value is misfit
            assert stored(uow) == [[], []]


def test_the_first_item_tells_what_may_be_written(uow: UnitOfWork) -> None:
    for verb in verbs(uow, ENTRY):
        for field in ("nothing", "version"):
            with pytest.raises(FieldUnknown, match=field) as caught:
                verb(iter([{"name": "a", field: 1}]))
            assert caught.value.field == field
    with pytest.raises(ValueRefused, match=r"lacks \['language'\] of the conflict key") as refused:
        Samples(uow).upsert_many([{"path": "a"}])
    assert (refused.value.field, refused.value.position) == ("language", 0)


@pytest.mark.parametrize("odd", [None, 7, "name", ["name"], [("name", "a")]])
def test_what_is_no_item_is_refused(uow: UnitOfWork, odd: Any) -> None:
    for verb in verbs(uow, ENTRY):
        for position in POSITIONS:
            with SMALL(), pytest.raises(ValueRefused, match=f"^item {position} .*isn't a mapping") as caught:
                verb(with_one({"name": ""}, odd, position, []))
            assert (caught.value.position, caught.value.value) == (position, odd)
            assert stored(uow) == [[], []]


def test_a_key_that_is_refused_names_field_and_position(uow: UnitOfWork) -> None:
    Tallies(uow).add_many({"name": str(number)} for number in range(15))
    for value, message in [(7, "isn't text"), ("a\0", "has a NUL character"), (["1"], "isn't text")]:
        for limits, position in PLACES:
            keys: list[Any] = [value if number == position else str(number) for number in range(15)]
            with limits(), pytest.raises(ValueRefused, match=f"^item {position}, name: .*{message}") as caught:
                Tallies(uow).delete_many(keys)
            assert (caught.value.position, caught.value.field) == (position, "name")
            assert caught.value.value is value
            assert len(rows(uow, select(tallies))) == 15
            assert left_behind(uow) == []
    assert Tallies(uow).delete_many(str(number) for number in range(15)) == 15
