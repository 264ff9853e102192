"""How a database finds the rows of a statement, when its tables are as large as they get.

A test fills a room with `filled_room`, takes the `plans` of a piece of work in it, and asks `scans`, `sorts` and
`indexes` what they say. Of two indexes that fit, PostgreSQL takes either, as its statistics are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, event, text

from storeroom import Settings, Storeroom, UnitOfWork
from storeroom.testing import requires
from tests.support.dialects import explained
from tests.support.rooms import empty


@contextmanager
def filled_room(url: str, plugin: str, metadata: MetaData, fill: Callable[[Connection], None]) -> Iterator[Storeroom]:
    """A room with what `fill` inserts into a plugin's tables, and nothing else; they are empty again afterwards.

    SQLite isn't told of how the tables are filled: it never is unless someone tells it.
    """
    with Storeroom.open(url, allow=[plugin], settings=Settings(statement_timeout=0)) as room:
        empty(room)
        with room.write() as uow:
            if requires.planner_statistics.met_by(uow):
                # Or VACUUM would find rows whose commit isn't on disk yet, and tell no index-only scan of them.
                uow.connection.execute(text("SET LOCAL synchronous_commit = on"))
            fill(uow.connection)
        tidy(url, metadata)
        yield room
        empty(room)


def tidy(url: str, metadata: MetaData) -> None:
    """Do what PostgreSQL does by itself a while after so many rows were written."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if requires.planner_statistics.met_by(connection):
            connection.execute(text(f"VACUUM ANALYZE {', '.join(metadata.tables)}"))
    engine.dispose()


class Undone(Exception):
    """Ends what is to be undone."""


@contextmanager
def undone(uow: UnitOfWork) -> Iterator[None]:
    """Undo what is inside."""
    with suppress(Undone), uow.savepoint():
        yield
        raise Undone


@contextmanager
def recorded(connection: Connection, metadata: MetaData) -> Iterator[list[tuple[str, Any]]]:
    """Take down the statements that name one of the tables, with their parameters; those of savepoints don't."""
    seen: list[tuple[str, Any]] = []
    names = re.compile(rf"\b(?:{'|'.join(metadata.tables)})\b")

    def note(_connection: Connection, _cursor: object, sql: str, parameters: Any, *_rest: object) -> None:
        if names.search(sql):
            seen.append((sql, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def plans(uow: UnitOfWork, metadata: MetaData, work: Callable[[], object]) -> Sequence[str]:
    """Do some work, which must come to something, and undo it; return the plan of each statement on the tables."""
    with undone(uow):
        with recorded(uow.connection, metadata) as statements:
            assert work(), "the work found nothing, and so shows nothing"
        # Before it is undone, since that drops temporary tables as well.
        found = [
            "\n".join(str(row[-1]) for row in uow.connection.exec_driver_sql(explained(uow, sql), parameters))
            for sql, parameters in statements
        ]
    assert found, "no statement named a table"
    return found


def scans(plan: str, tables: Iterable[str]) -> bool:
    """Tell whether a plan reads one of these tables, or aliases of them, as a whole and without an index."""
    names = "|".join(tables)
    return re.search(rf"\bSCAN (?:{names})\b(?! USING)|\bSeq Scan on (?:{names})\b", plan) is not None


def sorts(plan: str) -> bool:
    """Tell whether a plan sorts rows, or collects them in a tree, which is SQLite's way of grouping as well."""
    return re.search(r"TEMP B-TREE|^ *(?:-> +)?(?:Incremental )?Sort\b", plan, re.MULTILINE) is not None


def indexes(plans: Iterable[str]) -> set[str]:
    """Name the indexes that plans use, as the database calls them: SQLite has names of its own for those of keys."""
    named = re.compile(r"\b(?:ix|uq|pk)_\w+|\bsqlite_autoindex_\w+|\bINTEGER PRIMARY KEY\b")
    return {name for plan in plans for name in named.findall(plan)}
