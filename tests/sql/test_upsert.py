"""upsert: what it does to one row, what it tells of it, and which keys it takes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
    text,
)

from storeroom import Settings, Statement, Storeroom, UnitOfWork
from storeroom.errors import Busy
from storeroom.sql import Outcome, merged_counters, upsert
from tests.sql.tables import FIELDS, KEY, PUT, samples, tallies
from tests.sql.values import FIELD_VALUES

READ = Statement(select(tallies))
HIT = Statement(
    upsert(tallies, ["name"], ["name", "hits"], {"hits": lambda old, new: old.hits + new.hits}).returning(
        tallies.c.version
    )
)
NOTHING = dict.fromkeys(FIELD_VALUES)


def put(work: UnitOfWork, **fields: Any) -> Outcome:
    return Outcome.of(PUT.scalar(work, **({"path": "a", "language": None} | NOTHING | fields)))


def test_it_tells_each_outcome_and_counts_versions(room: Storeroom) -> None:
    with room.write() as uow:
        told = [put(uow), put(uow), put(uow, note="x"), put(uow, note="x"), put(uow), put(uow, path="b")]
        assert told == ["inserted", "unchanged", "updated", "unchanged", "updated", "inserted"]
        rows = Statement(select(samples.c.path, samples.c.version).order_by(samples.c.path)).all(uow)
        assert [tuple(row) for row in rows] == [("a", 3), ("b", 1)]


def test_fields_that_are_not_given_stay_and_take_their_defaults_at_insert(room: Storeroom) -> None:
    some = Statement(upsert(samples, KEY, ["path", "language", "note"]).returning(samples.c.version))
    with room.write() as uow:
        put(uow, number=7, note="old")
        assert some.scalar(uow, path="a", language="", note="new") == 2
        row = Statement(select(samples.c.number, samples.c.note)).first(uow)
        assert row == (7, "new")
        assert some.scalar(uow, path="b", language="", note=None) == 1


def test_a_rule_sees_the_row_that_is_there_and_the_one_given(room: Storeroom) -> None:
    longest = Statement(
        upsert(
            samples,
            KEY,
            ["path", "language", "number", "note"],
            {"number": lambda old, new: func.coalesce(old.number, 0) * 10 + new.number},
        )
    )
    with room.write() as uow:
        for number in (1, 2, 3):
            longest.affected(uow, path="a", language=None, number=number, note=None)
        assert Statement(select(samples.c.number)).scalar(uow) == 123


def test_a_rule_may_be_of_a_field_that_is_not_given(room: Storeroom) -> None:
    seen = Statement(upsert(tallies, ["name"], ["name"], {"hits": lambda old, _new: old.hits + 1}))
    with room.write() as uow:
        for _ in range(3):
            seen.affected(uow, name="a")
        assert Statement(select(tallies.c.hits, tallies.c.version)).first(uow) == (2, 3)


def test_a_rule_that_changes_nothing_leaves_the_row(room: Storeroom) -> None:
    with room.write() as uow:
        assert HIT.scalar(uow, name="a", hits=5) == 1
        before = READ.first(uow)
        assert HIT.scalar(uow, name="a", hits=0) is None
        assert READ.first(uow) == before


def test_the_time_of_the_change_is_the_databases(room: Storeroom) -> None:
    with room.write() as uow:
        HIT.affected(uow, name="a", hits=1)
        first: datetime = READ.all(uow)[0].changed_at
        while READ.all(uow)[0].changed_at == first:
            HIT.affected(uow, name="a", hits=1)  # until SQLite's clock, of milliseconds, has moved
        changed: datetime = READ.all(uow)[0].changed_at
        assert changed > first
        HIT.affected(uow, name="a", hits=0)
        assert READ.all(uow)[0].changed_at == changed


def test_a_key_alone_is_inserted_once(room: Storeroom) -> None:
    only_key = Statement(upsert(tallies, ["name"], ["name"]).returning(tallies.c.version))
    with room.write() as uow:
        assert [only_key.scalar(uow, name="a") for _ in range(3)] == [1, None, None]


def table(*parts: Any, name: str = "proof_other") -> Table:
    return Table(name, MetaData(), Column("id", Integer, primary_key=True), *parts)


def text_column(name: str, **options: Any) -> Column[Any]:
    return Column(name, String, nullable=False, **options)


def test_a_python_value_as_onupdate_is_refused() -> None:
    for onupdate in (datetime.now, 5, "x"):
        other = table(text_column("k", unique=True), Column("n", Integer, onupdate=onupdate))
        with pytest.raises(TypeError, match=r"column 'n' of table 'proof_other' has a Python value as its onupdate"):
            upsert(other, ["k"], ["k"])
        upsert(other, ["k"], ["k", "n"])  # which takes what is given


ACCEPTED = [
    table(text_column("k", unique=True)),
    table(text_column("k"), UniqueConstraint("k")),
    table(text_column("k"), Index("uq", "k", unique=True)),
    Table("proof_other", MetaData(), Column("k", String, primary_key=True)),
]
A, B = text_column("k"), text_column("k")
REFUSED = [
    (table(Column("k", String, unique=True)), ["k"], r"columns \['k'\] can be NULL, .* \(NoneAsEmpty\)"),
    (table(text_column("k")), ["k"], r"no unique constraint over just these columns .*; add UniqueConstraint\('k'\)"),
    (table(text_column("k"), Index("ix", "k")), ["k"], "no unique constraint"),
    (table(text_column("k"), text_column("l"), UniqueConstraint("k", "l")), ["k"], "no unique constraint"),
    (table(text_column("k", unique=True), text_column("l")), ["k", "l"], r"add UniqueConstraint\('k', 'l'\)"),
    (table(A, Index("uq", "k", unique=True, postgresql_where=A == "x", sqlite_where=A == "x")), ["k"], "no unique"),
    (table(B, Index("uq", func.lower(B), unique=True)), ["k"], "no unique constraint"),
    (table(text_column("k"), UniqueConstraint("k", deferrable=True)), ["k"], "one that can be deferred"),
    (table(text_column("k"), CheckConstraint("k <> ''")), ["k"], "no unique constraint"),
    (table(text_column("k", unique=True)), ["l"], r"name columns of table 'proof_other', which has no \['l'\]"),
    (table(text_column("k", unique=True)), [], r"conflict key \(\): name columns"),
]


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_a_plain_unique_key_is_taken(accepted: Table) -> None:
    upsert(accepted, ["k"], ["k"])


def test_the_order_of_the_columns_in_a_key_does_not_count() -> None:
    upsert(samples, ["language", "path"], FIELDS)


@pytest.mark.parametrize(("refused", "key", "message"), REFUSED, ids=range(len(REFUSED)))
def test_a_key_that_conflicts_with_nothing_is_refused(refused: Table, key: Sequence[str], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        upsert(refused, key, ["k"])


def test_an_unchanged_row_is_locked_all_the_same(proof_url: str, room: Storeroom) -> None:
    """Whoever is told 'unchanged' can rely on it to the end of the transaction."""
    with room.write() as uow:
        HIT.affected(uow, name="a", hits=1)
    hasty = Settings(busy_timeout=0.1, lock_timeout=0.1)
    with Storeroom.open(proof_url, discover=False, settings=hasty) as other, room.write() as uow:
        assert HIT.scalar(uow, name="a", hits=0) is None
        change = Statement(text("UPDATE proof_tallies SET hits = 5"))
        with ThreadPoolExecutor(1) as pool, pytest.raises(Busy):
            pool.submit(other.run, change.affected, attempts=1).result()
    with room.read() as uow:
        assert READ.all(uow)[0].hits == 1


def test_rules_compile_once_for_all_rows(room: Storeroom) -> None:
    """A counter of each kind in one statement."""
    both = Statement(
        upsert(
            tallies,
            ["name"],
            ["name", "hits", "counters"],
            {
                "hits": lambda old, new: old.hits + new.hits,
                "counters": lambda old, new: merged_counters(old.counters, new.counters),
            },
        ).returning(tallies.c.version)
    )
    with room.write() as uow:
        before = uow.statements
        assert [both.scalar(uow, name="a", hits=1, counters={"srt": 2}) for _ in range(3)] == [1, 2, 3]
        assert uow.statements == before + 3
        row = READ.all(uow)[0]
        assert (row.hits, row.counters) == (3, {"srt": 6})
