"""What is sent to the database, whatever the unit of work counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event

from storeroom import Storeroom
from tests.core.tables import engine_of


class Sent(NamedTuple):
    sql: str
    parameters: Any


@contextmanager
def recording(room: Storeroom) -> Iterator[list[Sent]]:
    """Take down the statements that a room's engine sends."""
    statements: list[Sent] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: Any, *_rest: object) -> None:
        statements.append(Sent(sql, parameters))

    event.listen(engine_of(room), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine_of(room), "before_cursor_execute", note)
