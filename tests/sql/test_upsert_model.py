"""Random upserts against a model of them in Python: the same rows, versions and outcomes."""

from hypothesis import given
from hypothesis import strategies as st

from storeroom import Statement, Storeroom
from storeroom.sql import Outcome, upsert
from tests.sql.model import RECORDED, RULES, Model, Row, record, replace, upserts
from tests.sql.tables import ALL, FIELDS, KEY, clear, samples
from tests.sql.values import FIELD_VALUES

VALUES = st.fixed_dictionaries(FIELD_VALUES)

REPLACE = Statement(upsert(samples, KEY, FIELDS).returning(samples.c.version))
RECORD = Statement(
    upsert(samples, KEY, ["path", "language", "note", "big", "weight", "number", "counters"], RULES).returning(
        samples.c.version
    )
)


def check(room: Storeroom, statement: Statement, items: list[Row], model: Model) -> None:
    with room.write() as uow:
        clear(uow)
        for item in items:
            assert Outcome.of(statement.scalar(uow, **item)) is model.put(item)
        model.check(ALL.all(uow))


@given(upserts(VALUES))
def test_upserts_of_every_type_are_as_in_the_model(shared_room: Storeroom, items: list[Row]) -> None:
    check(shared_room, REPLACE, items, Model(replace))


@given(upserts(RECORDED))
def test_upserts_by_rules_are_as_in_the_model(shared_room: Storeroom, items: list[Row]) -> None:
    check(shared_room, RECORD, items, Model(record))
