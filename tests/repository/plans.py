"""What it takes a database to run a statement: its plan, and how much it reads."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storeroom import UnitOfWork
from tests.support.dialects import spelled


@dataclass(frozen=True)
class Cost:
    """What a statement took: `work` is in instructions of SQLite's virtual machine, or in PostgreSQL's buffers.

    `scans` and `sorts` tell whether the table was read as a whole, or its rows sorted before a limit was put on them.
    """

    plan: str
    work: int
    scans: bool
    sorts: bool
    indexes: frozenset[str]


def cost(uow: UnitOfWork, sql: str, parameters: Any, table: str) -> Cost:
    """Run a statement as SQLAlchemy has sent it, and tell what it took."""
    measure = spelled(uow, sqlite=_on_sqlite, postgresql=_on_postgresql)
    return measure(uow, sql, parameters, table)


def _on_sqlite(uow: UnitOfWork, sql: str, parameters: Any, table: str) -> Cost:
    driver: Any = uow.connection.connection.driver_connection
    lines = [str(row[-1]) for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 10

    driver.set_progress_handler(step, 10)
    try:
        driver.execute(sql, parameters).fetchall()
    finally:
        driver.set_progress_handler(None, 0)
    reads = [f" {table}" in line for line in lines]
    return Cost(
        plan="\n".join(lines),
        work=steps,
        scans=any(read and " USING " not in line for read, line in zip(reads, lines, strict=True)),
        # What is sorted is named on the line before: the table itself, or a subquery with a limit.
        sorts=any(read and "TEMP B-TREE" in after for read, after in zip(reads, lines[1:], strict=False)),
        indexes=frozenset(word for line in lines for word in line.split() if word.startswith("ix_")),
    )


def _on_postgresql(uow: UnitOfWork, sql: str, parameters: Any, table: str) -> Cost:
    explain = f"EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) {sql}"
    found = uow.connection.exec_driver_sql(explain, parameters).scalar_one()
    top = found[0]["Plan"]
    reading = [node for node in _nodes(top) if node.get("Relation Name") == table]
    sorting = [node for node in _nodes(top) if node["Node Type"].endswith("Sort")]
    return Cost(
        plan=json.dumps(found, indent=1),
        work=top["Shared Hit Blocks"] + top["Shared Read Blocks"],
        scans=any("Index" not in node["Node Type"] for node in reading),
        sorts=any("Relation Name" in below for node in sorting for below in _nodes(node, until="Limit")),
        indexes=frozenset(node["Index Name"] for node in reading if "Index Name" in node),
    )


def _nodes(node: Mapping[str, Any], until: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield a node of a plan and those below it, as far as the first of a type."""
    yield node
    for child in node.get("Plans", ()):
        if child["Node Type"] != until:
            yield from _nodes(child, until)
