"""The fast way of a statement gives the rows, the errors and the counts that the plain way through SQLAlchemy gives."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, bindparam, delete, event, func, insert, select, text, update

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.engine import StatementRunner
from storeroom.errors import Duplicate, StoreroomError, ValueRefused
from storeroom.sql import PlainText
from tests.core.tables import checked_out, engine_of
from tests.sql.conftest import proof_url, room, shared_room
from tests.sql.tables import ALL, PUT, clear, open_room, samples, tallies
from tests.sql.values import FIELD_VALUES, plain_text

__all__ = ["proof_url", "room", "shared_room"]

ADD = Statement(insert(samples).returning(samples))
BY_PATH = Statement(select(samples).where(samples.c.path == bindparam("path")))
ADD_TALLY = Statement(insert(tallies))
COUNT = Statement(select(func.count()).select_from(tallies))
BUMP = Statement(update(tallies).where(tallies.c.name == bindparam("_name")))
DROP = Statement(delete(tallies).where(tallies.c.name == bindparam("_name")))
NAMES = Statement(select(tallies.c.name, tallies.c.hits).order_by(tallies.c.name))

Work = Callable[[UnitOfWork], Any]


def plainly(uow: UnitOfWork) -> UnitOfWork:
    """Send everything through SQLAlchemy from now on, as for any author who asks for the connection."""
    assert uow.connection.in_transaction()
    return uow


def undone(room: Storeroom, work: Work, *, plain: bool) -> tuple[Any, int]:
    """Return what work gives, and how many statements it counts, in a transaction that is rolled back."""
    found: list[tuple[Any, int]] = []

    def in_transaction(uow: UnitOfWork) -> None:
        result = work(plainly(uow) if plain else uow)
        found.append((result, uow.statements))
        raise LookupError

    with pytest.raises(LookupError):
        room.run(in_transaction)
    return found[0]


def learn(room: Storeroom, work: Work) -> None:
    for _ in range(3):
        try:
            undone(room, work, plain=False)
        except BaseException:  # of a work that is meant to fail
            continue


def both(room: Storeroom, work: Work) -> Any:
    """Run work both ways, the fast one after it was learned, and return what both gave."""
    learn(room, work)
    plain, fast = undone(room, work, plain=True), undone(room, work, plain=False)
    assert fast == plain
    return fast[0]


@contextmanager
def only_fast(room: Storeroom) -> Any:
    """Fail where a statement goes through SQLAlchemy inside the block."""

    def refuse(*_arguments: Any) -> None:
        pytest.fail("it went the plain way")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StatementRunner, "_execute_plainly", refuse)
        patch.setattr(StatementRunner, "_stream_plainly", refuse)
        yield


@given(st.fixed_dictionaries(FIELD_VALUES), plain_text(most=50), st.none() | plain_text(most=5))
def test_rows_of_all_types_are_the_same(
    shared_room: Storeroom, values: dict[str, Any], path: str, language: str | None
) -> None:
    def work(uow: UnitOfWork) -> Any:
        clear(uow)
        added = ADD.all(uow, path=path, language=language, **values)
        put = PUT.first(uow, path=path, language=language, **values)
        rows = [*added, *ALL.all(uow), *ALL.stream(uow), *BY_PATH.all(uow, path=path)]
        shown = [{name: (type(value), value) for name, value in row._asdict().items() if name != "id"} for row in rows]
        return shown, put

    both(shared_room, work)
    with only_fast(shared_room):
        undone(shared_room, work, plain=False)


def test_a_row_is_a_row(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> Any:
        ADD_TALLY.affected(uow, name="a", hits=3)
        row = NAMES.first(uow)
        assert row is not None
        name, hits = row
        by_column = row._mapping[tallies.c.name]
        return (
            row,
            row[0],
            row.hits,
            name,
            hits,
            by_column,
            row._fields,
            row[-1:],
            row == ("a", 3),
            hash(row),
            repr(row),
        )

    assert both(room, work)[:5] == (("a", 3), "a", 3, "a", 3)


def test_counts_and_single_values_are_the_same(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> Any:
        return [
            COUNT.scalar(uow),
            ADD_TALLY.affected(uow, name="a"),
            BUMP.affected(uow, _name="a", hits=2),
            BUMP.affected(uow, _name="b", hits=2),
            NAMES.first(uow),
            NAMES.affected(uow),
            DROP.affected(uow, _name="a"),
            DROP.affected(uow, _name="a"),
            NAMES.first(uow),
            NAMES.scalar(uow),
            list(NAMES.stream(uow)),
        ]

    assert both(room, work) == [0, 1, 1, 0, ("a", 2), 1, 1, 0, None, None, []]
    with only_fast(room):
        undone(room, work, plain=False)


def failing(uow: UnitOfWork, statement: Statement, parameters: Mapping[str, Any]) -> Any:
    """Return what can be seen of the error of a statement, and what the unit of work says to the next one."""
    with pytest.raises(StoreroomError) as caught:
        statement.all(uow, **parameters)
    error = caught.value
    facts = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    try:
        after = len(COUNT.all(uow))
    except StoreroomError as refused:
        return type(error), str(error), facts, type(error.__cause__), uow.statements, str(refused)
    return type(error), str(error), facts, type(error.__cause__), uow.statements, after


BAD: dict[str, dict[str, Any]] = {
    "a naive time": {"path": "a", "language": None, "at": datetime(2024, 1, 1)},
    "too large": {"path": "a", "language": None, "number": 2**31},
    "no number": {"path": "a", "language": None, "number": "1"},
    "NUL": {"path": "a\0", "language": None, "number": 1},
    "two": {"path": "\ud800", "language": "\0", "number": 1},
    "too long": {"path": "a" * 51, "language": None, "number": 1},
    "NULL": {"path": None, "language": None, "number": 1},
    "not of the enumeration": {"path": "a", "language": None, "colour": "blue"},
    "NaN": {"path": "a", "language": None, "weight": float("nan")},
    "no JSON": {"path": "a", "language": None, "body": {"a": object}},
    "no counters": {"path": "a", "language": None, "counters": {"a": 1.5}},
    "no flag": {"path": "a", "language": None, "ready": 1},
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_refused_is_refused_in_the_same_words(room: Storeroom, what: str) -> None:
    bad = BAD[what]
    good = {**dict.fromkeys(bad), "path": "a"}
    learn(room, lambda uow: ADD.all(uow, **good))
    with room.read() as uow:
        assert ADD.compiled(uow.dialect, good) is not None
    (fast, _), (plain, _) = (undone(room, lambda uow: failing(uow, ADD, bad), plain=each) for each in (False, True))
    if what == "no JSON":  # which shows an address
        fast, plain = fast[:1], plain[:1]
    assert fast == plain


def test_what_the_database_refuses_is_told_in_the_same_words(room: Storeroom) -> None:
    def twice(uow: UnitOfWork) -> Any:
        ADD.all(uow, path="a", language=None)
        return failing(uow, ADD, {"path": "a", "language": None})

    def nothing(uow: UnitOfWork) -> Any:
        return failing(uow, ADD_ANY, {"language": None, "path": None})

    for work in (twice, nothing):
        learn(room, lambda uow: ADD.all(uow, path="a", language=None))
        (fast, _), (plain, _) = (undone(room, work, plain=each) for each in (False, True))
        assert fast == plain
        assert "an earlier statement of this transaction failed" in fast[-1]


ADD_ANY = Statement(insert(samples).returning(samples.c.id))


def add_both(uow: UnitOfWork, *names: str) -> None:
    for name in names:
        ADD_TALLY.affected(uow, name=name)


def test_a_savepoint_recovers_and_statements_stay_fast(room: Storeroom) -> None:
    def work(uow: UnitOfWork) -> Any:
        ADD_TALLY.affected(uow, name="a")
        with pytest.raises(Duplicate), uow.savepoint():
            add_both(uow, "b", "a")
        with uow.savepoint():
            ADD_TALLY.affected(uow, name="c")
        return [row.name for row in NAMES.all(uow)]

    assert both(room, work) == ["a", "c"]
    with only_fast(room):
        undone(room, work, plain=False)


def test_an_insert_whose_key_the_database_makes_counts_one(room: Storeroom) -> None:
    add = Statement(insert(samples))
    assert both(room, lambda uow: add.affected(uow, path="a", language=None)) == 1


def test_what_is_sent_fast_is_seen_by_the_connection_and_the_session(room: Storeroom) -> None:
    learn(room, lambda uow: ADD_TALLY.affected(uow, name="a"))
    with room.write() as uow:
        ADD_TALLY.affected(uow, name="a")
        assert uow._transaction is not None
        assert uow._transaction.runner.link.attached is None  # so that it was attached in the middle
        assert uow.connection.scalar(select(tallies.c.name)) == "a"
        assert uow.session.scalar(select(tallies.c.name)) == "a"
        uow.connection.execute(insert(tallies).values(name="b"))
    with room.read() as uow:
        assert [row.name for row in NAMES.all(uow)] == ["a", "b"]
    assert checked_out(room) == 0


def test_who_listens_to_the_engine_hears_every_statement(proof_url: str) -> None:
    with open_room(proof_url) as room:
        learn(room, NAMES.all)
        heard: list[str] = []
        with room.read() as uow:
            NAMES.all(uow)
            event.listen(engine_of(room), "before_cursor_execute", lambda *arguments: heard.append(arguments[2]))
            NAMES.all(uow)
            assert len(heard) == 1


numbered = Table(
    "proof_tallies",
    MetaData(),
    Column("name", PlainText, primary_key=True),
    Column("hits", Integer, default=lambda context: len(context.get_current_parameters()["name"])),
    Column("count", Integer, default=lambda: 7),
    Column("version", Integer, default=1),
    Column("changed_at", samples.c.at.type, default=func.now(), nullable=True),
)

UNUSUAL: dict[str, tuple[Statement, dict[str, Any]]] = {
    "text": (Statement(text("SELECT name FROM proof_tallies WHERE name = :name")), {"name": "a"}),
    "columns of text": (Statement(select(text("name")).select_from(tallies)), {}),
    "IN": (
        Statement(select(tallies.c.name).where(tallies.c.name.in_(bindparam("names", expanding=True)))),
        {"names": ["a", "b"]},
    ),
    "options": (Statement(select(tallies.c.name).execution_options(yield_per=10)), {}),
    "a value that is made": (
        Statement(select(tallies.c.name).where(tallies.c.name == bindparam("x", callable_=str))),
        {},
    ),
    "a parameter that isn't used": (Statement(select(tallies.c.name)), {"x": 1}),
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_what_is_unusual_goes_the_plain_way(room: Storeroom, what: str) -> None:
    statement, parameters = UNUSUAL[what]

    def work(uow: UnitOfWork) -> Any:
        ADD_TALLY.affected(uow, name="a")
        return statement.all(uow, **parameters)

    both(room, work)
    with room.read() as uow:
        assert statement.compiled(uow.dialect, parameters) is None


def test_a_default_that_asks_for_the_context_goes_the_plain_way(room: Storeroom) -> None:
    add = Statement(insert(numbered).returning(numbered.c.hits, numbered.c.count))
    assert both(room, lambda uow: [tuple(row) for row in add.all(uow, name="abc")]) == [(3, 7)]
    with room.read() as uow:
        assert add.compiled(uow.dialect, {"name": "abc"}) is None


def test_a_default_is_made_anew_for_each_row(room: Storeroom) -> None:
    numbers = iter(range(1000))
    made = Table(
        "proof_tallies",
        MetaData(),
        Column("name", PlainText, primary_key=True),
        Column("hits", Integer, default=lambda: next(numbers)),
        Column("count", Integer, default=7),
        Column("version", Integer, default=1),
        Column("changed_at", samples.c.at.type, default=func.now()),
    )
    add = Statement(insert(made).returning(made.c.hits, made.c.count))
    with room.write() as uow:
        rows = [add.all(uow, name=str(number))[0] for number in range(6)]
        assert add.compiled(uow.dialect, {"name": ""}) is not None
    assert len({row.hits for row in rows}) == 6
    assert all(row._mapping["count"] == 7 for row in rows)


def test_a_key_that_is_missing_is_told_by_its_name(room: Storeroom) -> None:
    learn(room, lambda uow: BY_PATH.all(uow, path="a"))
    with room.read() as uow, pytest.raises(ValueRefused, match=r"^path: "):
        BY_PATH.all(uow, path=1)
