"""Each column type gives back what it was given, on both databases alike."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, literal, null, or_, select, text

from storeroom import Statement, Storeroom, UnitOfWork
from storeroom.errors import CheckFailed, Duplicate
from storeroom.sql import Choice, JSONDocument, NoneAsEmpty
from storeroom.testing import requires
from tests.sql.tables import ALL, PUT, Colour, clear, samples, tallies
from tests.sql.values import BITS_64, FIELD_VALUES, plain_text

ADD = Statement(insert(samples).returning(samples.c.id))


@given(st.fixed_dictionaries(FIELD_VALUES), plain_text(most=50), st.none() | plain_text(most=5))
def test_what_goes_in_comes_out(
    shared_room: Storeroom, values: dict[str, Any], path: str, language: str | None
) -> None:
    with shared_room.write() as uow:
        clear(uow)
        ADD.scalar(uow, path=path, language=language, **values)
        (row,) = ALL.all(uow)
        assert (row.path, row.language, row.version) == (path, language or None, 1)
        for name, value in values.items():
            assert getattr(row, name) == value
            assert type(getattr(row, name)) is type(value)


@given(st.fixed_dictionaries({name: each for name, each in FIELD_VALUES.items() if name != "weight"}))
def test_a_row_is_found_by_each_of_its_values(shared_room: Storeroom, values: dict[str, Any]) -> None:
    with shared_room.write() as uow:
        clear(uow)
        added = ADD.scalar(uow, path="a", language=None, **values)
        for name, value in values.items():
            if value is not None:
                assert FIND_BY[name].scalar(uow, value=value) == added
        assert FIND_BY_COLOURS.scalar(uow, colours=list(Colour)) == (added if values["colour"] else None)


FIND_BY = {name: Statement(select(samples.c.id).where(samples.c[name] == bindparam("value"))) for name in FIELD_VALUES}
FIND_BY_COLOURS = Statement(select(samples.c.id).where(samples.c.colour.in_(bindparam("colours", expanding=True))))


@given(st.lists(plain_text(most=3), max_size=6), st.lists(BITS_64, max_size=6))
def test_both_databases_count_the_same_values_as_distinct(
    shared_room: Storeroom, texts: list[str], numbers: list[int]
) -> None:
    with shared_room.write() as uow:
        clear(uow)
        for text in dict.fromkeys(texts):
            PUT_TEXT.affected(uow, path=text, language=None, big=None)
        for number, value in enumerate(numbers):
            PUT_TEXT.affected(uow, path=str(number), language="number", big=value)
        assert len(ALL.all(uow)) == len(set(texts)) + len(numbers)
        smallest = Statement(select(samples.c.big).where(samples.c.big.is_not(None)).order_by(samples.c.big))
        assert [row.big for row in smallest.all(uow)] == sorted(numbers)


PUT_TEXT = Statement(insert(samples))


def test_times_are_in_utc_and_sort_as_stored(room: Storeroom) -> None:
    early = datetime(2024, 1, 1, 23, tzinfo=timezone(timedelta(hours=14)))
    late = datetime(2024, 1, 1, 9, 0, 0, 1, tzinfo=UTC)
    with room.write() as uow:
        for number, time in enumerate((late, early)):
            ADD.scalar(uow, path=str(number), language=None, at=time)
        found = [row.at for row in Statement(select(samples.c.at).order_by(samples.c.at)).all(uow)]
        assert found == [early, late]
        assert {time.tzinfo for time in found} == {UTC}
        assert found[0].hour == 9


def test_the_time_zone_of_a_session_changes_nothing(room: Storeroom) -> None:
    with room.write() as uow:
        if requires.native_types.met_by(uow):
            Statement(text("SET LOCAL TimeZone = 'America/New_York'")).affected(uow)
        first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
        for number, time in enumerate((first, last)):
            ADD.scalar(uow, path=str(number), language=None, at=time)
        assert [(row.at, row.at.tzinfo) for row in ALL.all(uow)] == [(first, UTC), (last, UTC)]


def test_none_and_empty_are_one_key(room: Storeroom) -> None:
    with room.write() as uow:
        ADD.scalar(uow, path="a", language=None)
        with pytest.raises(Duplicate), uow.savepoint():
            ADD.scalar(uow, path="a", language="")
        for none in (samples.c.language == None, samples.c.language.is_(None), samples.c.language == ""):  # noqa: E711  # SQL's
            assert Statement(select(samples.c.language).where(none)).all(uow) == [(None,)]
            assert Statement(select(samples.c.language).where(~none)).all(uow) == []
        for given_value in (None, ""):
            by_bound = Statement(select(samples.c.path).where(samples.c.language == bindparam("language")))
            assert by_bound.scalar(uow, language=given_value) == "a"
        among = Statement(select(samples.c.path).where(samples.c.language.in_([None, "de"])))
        assert among.scalar(uow) == "a"
        assert Statement(select(samples.c.path).where(samples.c.language.startswith(""))).scalar(uow) == "a"


def test_big_keys_are_numbered_by_the_database(room: Storeroom) -> None:
    with room.write() as uow:
        first, second = (ADD.scalar(uow, path=path, language=None) for path in "ab")
        assert second == first + 1
        ADD.scalar(uow, id=2**62, path="c", language=None)
        assert [row.id for row in ALL.all(uow)] == [first, second, 2**62]


def test_the_database_holds_a_choice_to_its_values(room: Storeroom) -> None:
    with room.write() as uow:
        for number, colour in enumerate(Colour):
            past_python(uow, f"allowed {number}", colour.value)
        assert [row.colour for row in ALL.all(uow)] == list(Colour)
        with pytest.raises(CheckFailed) as caught, uow.savepoint():
            past_python(uow, "refused", "blue")
        assert caught.value.constraint == "ck_proof_samples_colour"
        with pytest.raises(CheckFailed), uow.savepoint():
            past_python(uow, "refused", "50%% %%s")


def past_python(uow: UnitOfWork, path: str, colour: str) -> None:
    raw = "INSERT INTO proof_samples (path, language, colour, version) VALUES (:path, '', :colour, 1)"
    Statement(text(raw)).affected(uow, path=path, colour=colour)


BODY = {"quote": "it's", "format": "50% %s %(x)s", "bound": ":x", "slash": "\\"}


@pytest.mark.parametrize("literal_binds", [False, True])
def test_constants_in_statements_are_written_as_values_are(room: Storeroom, literal_binds: bool) -> None:
    with room.write() as uow:
        for number, colour in enumerate(Colour):
            ADD.scalar(uow, path=str(number), language=None, colour=colour, body=BODY, number=number)
            found = select(samples.c.number).where(
                samples.c.colour == colour,
                samples.c.body == BODY,
                samples.c.language == None,  # noqa: E711  # SQL's
            )
            found = found.where(or_(samples.c.language == "", literal("x", NoneAsEmpty()) == "y"))
            found = found.where(literal(colour, Choice(Colour)) == samples.c.colour)
            if literal_binds:
                # What compiles is sent as it is, through the driver, as a statement without parameters.
                options = {"literal_binds": True}
                sql = found.compile(dialect=uow.dialect, compile_kwargs=options).string
                assert uow.connection.exec_driver_sql(sql).scalar() == number
            else:
                assert Statement(found).scalar(uow) == number
        document = literal({"a%": 1}, JSONDocument())
        assert Statement(select(document, null())).first(uow) == ({"a%": 1}, None)


def test_annotations_are_enough(room: Storeroom) -> None:
    kinds = {column.name: type(column.type).__name__ for column in (*samples.c, *tallies.c)}
    assert kinds == {
        "id": "BigInt",
        "path": "PlainText",
        "language": "NoneAsEmpty",
        "note": "PlainText",
        "number": "Int",
        "big": "BigInt",
        "ready": "Flag",
        "weight": "Real",
        "day": "CalendarDate",
        "at": "UTCDateTime",
        "colour": "Choice",
        "body": "JSONDocument",
        "counters": "JSONCounters",
        "version": "BigInt",
        "name": "PlainText",
        "hits": "Int",
        "mean": "Real",
        "count": "Int",
        "changed_at": "UTCDateTime",
    }


def test_an_unchanged_put_of_every_type_is_unchanged(room: Storeroom) -> None:
    values = dict.fromkeys(FIELD_VALUES) | {"weight": 0.1, "at": datetime(2024, 1, 1, tzinfo=UTC), "body": BODY}
    with room.write() as uow:
        assert PUT.scalar(uow, path="a", language=None, **values) == 1
        assert PUT.scalar(uow, path="a", language="", **values) is None


@requires.server
@pytest.mark.parametrize("kind", ["json", "jsonb"])
def test_documents_of_any_column_are_read_as_they_are(uow: UnitOfWork, kind: str) -> None:
    """A column of type json keeps its text, with the space around it."""
    for written in ('{"a": [1, 2.5, "é\\n", null, true]}', "  [1 , 2]  ", '\n "text"\t', "1e3", "null", "false"):
        statement = text(f"SELECT CAST(:value AS {kind})")
        assert uow.connection.scalar(statement, {"value": written}) == json.loads(written)
