"""add_many: rows in the order of the items, with the defaults of Python, of SQL and of the table, as one by one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import ValueRefused
from storeroom.sql import now
from tests.bulk.limits import ANY_LIMITS, EXAMPLES, SMALL, Limits
from tests.bulk.tables import BareRows, Entries, Samples, bare, clear, names, rows
from tests.sql.model import Row
from tests.sql.tables import FIELDS, samples
from tests.sql.values import FIELD_VALUES, plain_text, times

MOST = 14
SAMPLES = st.lists(
    st.fixed_dictionaries({"language": st.sampled_from([None, "", "de"]), **FIELD_VALUES}), max_size=MOST
).map(lambda items: [{"path": f"{number}\\N", **item} for number, item in enumerate(items)])


def content(uow: UnitOfWork) -> list[tuple[Any, ...]]:
    """Return the samples in the order of their numbers, which themselves go on where the last test ended."""
    return [row[1:] for row in rows(uow, select(samples).order_by(samples.c.id))]


@pytest.mark.dear
@EXAMPLES
@given(SAMPLES, ANY_LIMITS)
def test_items_of_every_type_are_stored_as_one_by_one(shared_room: Storeroom, items: list[Row], limits: Limits) -> None:
    with shared_room.write() as uow:
        clear(uow)
        for item in items:
            Samples(uow).add(**item)
        expected = content(uow)
        clear(uow)
        with limits():
            assert Samples(uow).add_many(iter(items)) == len(items)
        assert content(uow) == expected


ENTRIES = st.sets(st.sampled_from(["label", "due", "size", "options", "group"])).flatmap(
    lambda fields: st.lists(
        st.fixed_dictionaries(
            {
                name: values
                for name, values in {
                    "label": st.none() | plain_text(most=5),
                    "due": st.none() | times(),
                    "size": st.integers(0, 9),
                    "options": st.just({"a": [1]}) | st.just({}),
                    "group": st.sampled_from([None, "", "x"]),
                }.items()
                if name in fields
            }
        ),
        max_size=MOST,
    )
)
DEFAULTS: Row = {"label": None, "due": None, "size": 5, "options": {}, "group": None}


@pytest.mark.dear
@EXAMPLES
@given(ENTRIES, ANY_LIMITS)
def test_fields_that_are_not_given_take_their_defaults(
    shared_room: Storeroom, given_items: list[Row], limits: Limits
) -> None:
    items = [item | {"name": str(number)} for number, item in enumerate(given_items)]
    with shared_room.write() as uow, limits():
        clear(uow)
        assert Entries(uow).add_many(iter(items)) == len(items)
        stored = Entries(uow).list(sort="id")
        present = Statement(select(now())).scalar(uow)
    for item, entry in zip(items, stored, strict=True):
        assert {"kind": "plain"} | DEFAULTS | item | {"group": item.get("group") or None} == entry.model_dump(
            exclude={"id", "token", "at"}
        )
        assert timedelta() <= present - entry.at < timedelta(minutes=1)
    tokens = [entry.token for entry in stored]
    assert tokens == sorted(tokens)
    assert len(set(tokens)) == len(items)


@pytest.mark.parametrize("copied", [False, True])
def test_the_database_numbers_rows_in_the_order_of_the_items(uow: UnitOfWork, copied: bool) -> None:
    """Also where they sort in another order, on each way into the table."""
    given_names = [str(number * 7919 % 2503) for number in range(2503)]
    fields = {"at": datetime.now(UTC)} if copied else {}
    Entries(uow).add_many({"name": name, **fields} for name in given_names)
    assert names(uow) == given_names


def test_the_database_says_now_once_for_all_rows_of_a_statement(uow: UnitOfWork) -> None:
    Entries(uow).add_many({"name": str(number)} for number in range(400))
    assert len({entry.at for entry in Entries(uow).list()}) == 1


def test_nothing_is_inserted_from_nothing(uow: UnitOfWork) -> None:
    before = uow.statements
    nothing: list[Iterable[Row]] = [[], (), iter(())]
    assert [Entries(uow).add_many(each) for each in nothing] == [0] * 3
    assert uow.statements == before


def test_any_iterable_of_mappings_is_taken(uow: UnitOfWork) -> None:
    def generate() -> Iterator[Row]:
        yield {"name": "a", "size": 1}
        yield {"size": 2, "name": "b"}

    with SMALL():
        assert Entries(uow).add_many(generate()) == 2
        assert Entries(uow).add_many({"name": each} for each in "cde") == 3
        assert Entries(uow).add_many([{"name": "f"}]) == 1
    assert names(uow) == list("abcdef")
    assert [entry.size for entry in Entries(uow).list(sort="id")] == [1, 2, 5, 5, 5, 5]


def test_items_without_a_field_are_refused(uow: UnitOfWork) -> None:
    with pytest.raises(ValueRefused, match=r"^item 0 has no field; .*name at least one") as caught:
        BareRows(uow).add_many({} for _ in range(7))
    assert caught.value.position == 0
    assert rows(uow, select(bare)) == []


def test_all_columns_can_be_given(uow: UnitOfWork) -> None:
    """Also the number, and what has a default."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    item = {"id": 7, "label": "l", "due": at, "size": 1, "token": "t", "options": {"a": 1}, "group": "g"}
    Entries(uow).add_many([item | {"name": "a", "kind": "k", "at": at}])
    (entry,) = Entries(uow).list()
    assert entry.model_dump() == item | {"name": "a", "kind": "k", "at": at}
    assert sorted(FIELDS) == sorted(set(samples.c.keys()) - {"id", "version"})
