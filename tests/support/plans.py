"""What it takes a database to run a statement: its plan, and how much it reads.

Work is done as a repository does it, and undone; then each statement that names one of the tables is run once more
with the same parameters, from the same state, and looked at. No clock is asked.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from psycopg import ClientCursor
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.exc import DBAPIError

from storeroom import UnitOfWork
from tests.support.dialects import spelled

_INDEX = re.compile(r"\b(?:ix|uq|pk)_\w+|\bsqlite_autoindex_\w+|\bINTEGER PRIMARY KEY\b|\b\w+ USING PRIMARY KEY\b")
_NAMED = re.compile(r"%\((\w+)\)s")

# PostgreSQL plans a prepared statement five times for its values, and compares before it does so again.
OFTEN = 6


@dataclass(frozen=True)
class Cost:
    """What a statement took: `work` is in instructions of SQLite's virtual machine, or in PostgreSQL's buffers.

    `plan` has a line for each step, and `scanned` names the tables, or aliases of them, that were read as a whole and
    without an index. `is_sorted` tells whether rows of a table were sorted, or collected in a tree, which is SQLite's
    way of grouping as well, before a limit was put on them.
    """

    plan: Sequence[str]
    work: int
    scanned: frozenset[str]
    is_sorted: bool

    @property
    def indexes(self) -> frozenset[str]:
        """The indexes that were read, as the database calls them: SQLite has names of its own for those of keys."""
        return frozenset(name for line in self.plan for name in _INDEX.findall(line))


Measure = Callable[[UnitOfWork, str, Any], Cost]


class Undone(Exception):
    """Ends what is to be undone."""


@contextmanager
def undone(uow: UnitOfWork) -> Iterator[None]:
    """Undo what is inside."""
    with suppress(Undone), uow.savepoint():
        yield
        raise Undone


def costs(
    uow: UnitOfWork, metadata: MetaData, work: Callable[[], object], measure: Measure | None = None
) -> Sequence[Cost]:
    """Do some work, which must come to something, undo it, and return what each statement on the tables took."""
    with undone(uow), _recorded(uow.connection, metadata) as statements:
        assert work(), "the work found nothing, and so shows nothing"
    assert statements, "no statement named a table"
    with undone(uow):
        return [(measure or cost)(uow, sql, parameters) for sql, parameters in statements]


def cost(uow: UnitOfWork, sql: str, parameters: Any) -> Cost:
    """Run a statement as SQLAlchemy has sent it, and tell what it took."""
    return spelled(uow, sqlite=_on_sqlite, postgresql=_on_postgresql)(uow, sql, parameters)


@contextmanager
def _recorded(connection: Connection, metadata: MetaData) -> Iterator[list[tuple[str, Any]]]:
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


def steps(uow: UnitOfWork, work: Callable[[], object], each: int = 1) -> int:
    """Return how many instructions SQLite's virtual machine runs for some work, in steps of so many."""
    driver: Any = uow.connection.connection.driver_connection
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += each

    driver.set_progress_handler(step, each)
    try:
        work()
    finally:
        driver.set_progress_handler(None, 0)
    return taken


def _on_sqlite(uow: UnitOfWork, sql: str, parameters: Any) -> Cost:
    driver: Any = uow.connection.connection.driver_connection
    lines = [str(row[-1]) for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]

    def run() -> None:
        with suppress(uow.dialect.loaded_dbapi.Error):  # of a conflict, which undoes the statement alone
            driver.execute(sql, parameters).fetchall()

    # A table, and no subquery with a limit. What is sorted is named on the line before.
    reads = [re.match(r"(SCAN|SEARCH) (?!\(|anon_)", line) is not None for line in lines]
    reading = [line for line, read in zip(lines, reads, strict=True) if read]
    scans = [line.split()[1] for line in reading if line.startswith("SCAN ") and " USING " not in line]
    sorts = any(read and "TEMP B-TREE" in after for read, after in zip(reads, lines[1:], strict=False))
    return Cost(lines, steps(uow, run, each=10), frozenset(scans), sorts)


def _on_postgresql(uow: UnitOfWork, sql: str, parameters: Any) -> Cost:
    def explained(options: str) -> Mapping[str, Any]:
        with uow.savepoint():
            found: Any = uow.connection.exec_driver_sql(f"EXPLAIN ({options}FORMAT json) {sql}", parameters).scalar()
        top: Mapping[str, Any] = found[0]["Plan"]
        return top

    try:
        top = explained("ANALYZE, BUFFERS, TIMING off, ")
    except DBAPIError:  # of a conflict
        top = explained("")
    return _cost(top)


def settled(uow: UnitOfWork, sql: str, parameters: Mapping[str, Any]) -> Cost:
    """Run a statement as PostgreSQL does for who has sent it often: prepared, maybe by one plan for all values."""
    cursor: Any = ClientCursor(uow.connection.connection.driver_connection)  # type: ignore[arg-type]  # psycopg's own
    names = list(dict.fromkeys(_NAMED.findall(sql)))
    places = {name: f"${place}" for place, name in enumerate(names, start=1)}
    cursor.execute(f"PREPARE settled AS {_NAMED.sub(lambda name: places[name[1]], sql).replace('%%', '%')}")
    values = f" ({', '.join(f'%({name})s' for name in names)})" if names else ""
    execute = cursor.mogrify(f"EXECUTE settled{values}", parameters)
    for _ in range(OFTEN):
        ((found,),) = cursor.execute(f"EXPLAIN (FORMAT json) {execute}")
    with suppress(uow.dialect.loaded_dbapi.IntegrityError), uow.savepoint():  # of a conflict
        ((found,),) = cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) {execute}")
    cursor.execute("DEALLOCATE settled")
    return _cost(found[0]["Plan"])


def _cost(top: Mapping[str, Any]) -> Cost:
    nodes = list(_nodes(top))
    sorting = [node for node in nodes if node["Node Type"].endswith("Sort")]
    return Cost(
        plan=[_line(node) for node in nodes],
        work=top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0),
        scanned=frozenset(node["Alias"] for node in nodes if node["Node Type"] == "Seq Scan"),
        is_sorted=any("Relation Name" in below for node in sorting for below in _nodes(node, until="Limit")),
    )


def _nodes(node: Mapping[str, Any], until: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield a node of a plan and those below it, as far as the first of a type."""
    yield node
    for child in node.get("Plans", ()):
        if child["Node Type"] != until:
            yield from _nodes(child, until)


def _line(node: Mapping[str, Any]) -> str:
    told = ("Index Name", "Alias", "Conflict Arbiter Indexes", "Index Cond", "Filter", "Sort Key", "Actual Rows")
    facts = [f"{name}: {json.dumps(node[name])}" for name in told if name in node]
    return f"{node['Node Type']} {', '.join(facts)}"


def shown(found: Iterable[Cost]) -> str:
    """Return costs as a failing test shows them."""
    return "\n".join(f"{each.work:,}:\n  " + "\n  ".join(each.plan) for each in found)
