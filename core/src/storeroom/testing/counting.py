"""How many statements a piece of work runs, and which."""

from collections.abc import Iterator
from contextlib import contextmanager

from storeroom.engine import StatementRun
from storeroom.room import Storeroom


@contextmanager
def counted(room: Storeroom) -> Iterator[list[StatementRun]]:
    """Collect the statements of a room's repositories that end inside the block, in whichever thread.

    `with counted(room) as statements: …`, and then `len(statements)`, or each one's `text` and `rows`. What begins and
    ends a transaction isn't among them.
    """
    statements: list[StatementRun] = []
    with room.listen(statements.append):
        yield statements
