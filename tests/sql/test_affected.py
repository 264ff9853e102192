"""Statement.affected counts what a statement wrote, whatever kind it is, on both databases alike."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from storeroom import Statement, Storeroom
from storeroom.sql import among, upsert
from tests.sql.tables import tallies

ADD = Statement(insert(tallies))
FEW = select(tallies.c.name).order_by(tallies.c.name).limit(literal_column("2"))
OTHERS = select(tallies.c.name.concat(literal_column("'2'")), tallies.c.changed_at)

COUNTS: dict[str, tuple[Executable, Mapping[str, Any], int]] = {
    "insert": (insert(tallies), {"name": "d"}, 1),
    "insert returning": (insert(tallies).returning(tallies.c.name), {"name": "d"}, 1),
    "insert from select": (insert(tallies).from_select(["name", "changed_at"], OTHERS), {}, 3),
    "insert or nothing": (insert_or(tallies).on_conflict_do_nothing(), {"name": "a"}, 0),
    "upsert that inserts": (upsert(tallies, ["name"], ["name", "hits"]), {"name": "d", "hits": 1}, 1),
    "upsert that changes": (upsert(tallies, ["name"], ["name", "hits"]), {"name": "a", "hits": 1}, 1),
    "upsert of the same": (upsert(tallies, ["name"], ["name", "hits"]), {"name": "a", "hits": 0}, 0),
    "update": (update(tallies).values(hits=literal_column("1")), {}, 3),
    "update returning": (update(tallies).values(hits=literal_column("1")).returning(tallies.c.name), {}, 3),
    "update of a few": (update(tallies).values(hits=literal_column("1")).where(among(tallies.c.name, FEW)), {}, 2),
    "update with a CTE": (
        update(tallies).values(hits=literal_column("1")).where(tallies.c.name.in_(select(FEW.cte("few").c.name))),
        {},
        2,
    ),
    "delete": (delete(tallies).where(tallies.c.name > literal_column("'a'")), {}, 2),
    "delete returning": (delete(tallies).returning(tallies.c.hits), {}, 3),
    "delete of nothing": (delete(tallies).where(tallies.c.name == literal_column("'x'")), {}, 0),
}


@pytest.mark.parametrize("what", COUNTS)
def test_it_counts_the_rows(room: Storeroom, what: str) -> None:
    construct, parameters, expected = COUNTS[what]
    with room.write() as uow:
        for name in "abc":
            assert ADD.affected(uow, name=name) == 1
        before = uow.statements
        assert Statement(construct).affected(uow, **parameters) == expected
        assert uow.statements == before + 1
