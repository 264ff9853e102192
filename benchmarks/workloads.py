"""The workloads that contenders do beside one another, each with its goal: a ratio to the raw driver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import data
from benchmarks.contender import Answer, Contender
from benchmarks.databases import POSTGRESQL, SQLITE, Database
from benchmarks.sizes import Sizes

Goals = Mapping[str, float]

# How many a round.
_SUMMARIES = 5


@dataclass(frozen=True)
class Workload:
    """Work that is measured in rounds.

    Before each round `prepare` brings the contender's database into the state that the work begins from, and `given`
    makes what the work is given; neither is measured. `count` is how many units of work `run` does. Afterwards
    `table`, where the work writes to one, must mean the same in all databases. `warm_up` is how many rounds before
    don't count: what is done once would be most of a short one, and a statement's first two runs go another way.
    """

    name: str
    verb: str
    unit: str
    count: int
    rounds: int
    goals: Goals
    prepare: Callable[[Database], None]
    given: Callable[[Contender], Any]
    run: Callable[[Contender, Any], Answer]
    table: str | None = None
    warm_up: int = 1


def workloads(sizes: Sizes) -> Sequence[Workload]:
    """Return all workloads, those that read the same table next to one another."""
    return [
        _upsert_many(sizes),
        _add_many(sizes),
        _one_by_one("upsert", "upsert_each", "each in its own unit of work", sizes, {SQLITE: 2.5, POSTGRESQL: 1.15}),
        _one_by_one("upsert", "upsert_together", "in one unit of work", sizes, {SQLITE: 1.6, POSTGRESQL: 1.1}),
        _one_by_one(
            "record_search", "search_each", "each in its own unit of work", sizes, {SQLITE: 2.5, POSTGRESQL: 1.15}
        ),
        _one_by_one("record_search", "search_together", "in one unit of work", sizes, {SQLITE: 1.6, POSTGRESQL: 1.1}),
        _jobs(sizes),
        _stream(sizes),
        _page(sizes, 1),
        _page(sizes, last_page(sizes)),
        _summary(sizes),
    ]


def last_page(sizes: Sizes) -> int:
    """Return the number of the last page of the table that is read."""
    return sizes.table // sizes.page


def page_name(sizes: Sizes, number: int) -> str:
    """Return the name of the workload that reads this page."""
    return f"page {number:,} of {sizes.table:,} wanted items ({sizes.page} records)"


def _upsert_many(sizes: Sizes) -> Workload:
    number = sizes.upsert
    return Workload(
        name=f"wanted.upsert_many, {number:,} items, half new, an outcome for each",
        verb="upsert_many",
        unit="item",
        count=number,
        rounds=sizes.rounds,
        goals={SQLITE: 1.2, POSTGRESQL: 1.3},
        prepare=lambda database: database.fill(None, ["wanted"], data.known(number)),
        given=lambda _contender: list(data.scan(number)),
        run=lambda contender, items: contender.upsert_many(items),
        table="wanted",
    )


def _add_many(sizes: Sizes) -> Workload:
    number = sizes.table
    return Workload(
        name=f"add_many of {number:,} rows",
        verb="add_many",
        unit="row",
        count=number,
        rounds=sizes.long_rounds,
        warm_up=0,
        goals={SQLITE: 1.3, POSTGRESQL: 1.2},
        prepare=lambda database: database.fill(None, ["wanted"]),
        given=lambda _contender: list(data.everything(number)),
        run=lambda contender, items: contender.add_many(items),
        table="wanted",
    )


def _one_by_one(what: str, verb: str, how: str, sizes: Sizes, goals: Goals) -> Workload:
    number, together = sizes.small, verb.endswith("together")
    lots = max(1, number // 100) if together else 1
    each = number // lots
    upserts = what == "upsert"
    given = [data.scan(each, lot * each) if upserts else data.searches(each) for lot in range(lots)]
    portions = [list(portion) for portion in given]
    table = "wanted" if upserts else "providers_stats"

    def run(contender: Contender, portions: Any) -> Answer:
        return [getattr(contender, verb)(portion) for portion in portions]

    return Workload(
        name=f"{each:,} times {what} {how}" if together else f"one {what}, {how}",
        verb=verb,
        unit="call",
        count=each * lots,
        rounds=sizes.rounds,
        goals=goals,
        prepare=lambda database: database.fill(None, [table], data.known(number) if upserts else ()),
        given=lambda _contender: portions,
        run=run,
        table=table,
    )


def _jobs(sizes: Sizes) -> Workload:
    return Workload(
        name="job created, claimed, completed, read, a transaction each",
        verb="work_jobs",
        unit="job",
        count=sizes.jobs,
        rounds=sizes.rounds,
        goals={SQLITE: 2.5, POSTGRESQL: 1.2},
        prepare=lambda database: database.fill(None, ["jobs"]),
        given=lambda _contender: data.paths(sizes.jobs),
        run=lambda contender, paths: contender.work_jobs(paths),
        table="jobs",
    )


def _fill(database: Database, sizes: Sizes) -> None:
    database.fill(("everything", sizes.table), ["wanted"], data.everything(sizes.table))


def _stream(sizes: Sizes) -> Workload:
    return Workload(
        name=f"stream of {sizes.table:,} rows as records",
        verb="stream",
        unit="row",
        count=sizes.table,
        rounds=sizes.long_rounds,
        warm_up=2,
        goals={SQLITE: 1.4, POSTGRESQL: 1.3},
        prepare=lambda database: _fill(database, sizes),
        given=lambda _contender: None,
        run=lambda contender, _: contender.stream(),
    )


def _page(sizes: Sizes, number: int) -> Workload:
    def run(contender: Contender, place: Any) -> Answer:
        for _ in range(sizes.pages):
            answer = contender.page(place, sizes.page)
        return answer

    return Workload(
        name=page_name(sizes, number),
        verb="page",
        unit="page",
        count=sizes.pages,
        rounds=sizes.rounds,
        goals={SQLITE: 1.6, POSTGRESQL: 1.6},
        prepare=lambda database: _fill(database, sizes),
        given=lambda contender: contender.place((number - 1) * sizes.page, sizes.page),
        run=run,
    )


def _summary(sizes: Sizes) -> Workload:
    def run(contender: Contender, _given: Any) -> Answer:
        for _ in range(_SUMMARIES):
            answer = contender.summary()
        return answer

    return Workload(
        name=f"summary of {sizes.table:,} items",
        verb="summary",
        unit="summary",
        count=_SUMMARIES,
        rounds=sizes.rounds,
        goals={},
        prepare=lambda database: _fill(database, sizes),
        given=lambda _contender: None,
        run=run,
    )
