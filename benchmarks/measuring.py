"""Contenders beside one another: round after round, each in its turn, and whether they did the same."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

from benchmarks.contender import RAW, STOREROOM, Answer, Contender, NotOfferedError
from benchmarks.databases import SQLITE, Databases
from benchmarks.orm import OrmContender
from benchmarks.raw_postgresql import RawPostgreSQL
from benchmarks.raw_sqlite import RawSQLite
from benchmarks.results import Difference, Measurement, Results, Skipped
from benchmarks.rooms import StoreroomContender
from benchmarks.rows import difference
from benchmarks.workloads import Workload


@dataclass
class _Run:
    """What became of one contender in one workload."""

    contender: Contender
    seconds: list[float] = field(default_factory=list)
    answer: Answer = None


def contenders(kind: str) -> Sequence[type[Contender]]:
    """Return the contenders on this kind of database, the raw driver first; advanced-alchemy where it is installed."""
    found: list[type[Contender]] = [RawSQLite if kind == SQLITE else RawPostgreSQL, StoreroomContender, OrmContender]
    if find_spec("advanced_alchemy") is not None:
        module = import_module("benchmarks.alchemy")
        found += [module.AlchemyContender, module.FallbackContender]
    return found


@contextmanager
def opened(databases: Databases, classes: Sequence[type[Contender]]) -> Iterator[Sequence[Contender]]:
    """Make a database for each contender, and have them open while the block runs."""
    with ExitStack() as stack:
        made = []
        for each in classes:
            contender = each(stack.enter_context(databases.create()))
            stack.callback(contender.close)
            made.append(contender)
        yield made


def measure(workload: Workload, running: Sequence[Contender], results: Results) -> None:
    """Measure a workload, contender beside contender, and compare what they leave behind."""
    runs = [_Run(each) for each in running if each.only is None or workload.verb in each.only]
    kind = runs[0].contender.database.kind
    for number in range(workload.rounds + workload.warm_up):
        turn = number % len(runs)
        for run in (*runs[turn:], *runs[:turn]):
            try:
                _round(workload, run)
            except NotOfferedError as error:
                runs.remove(run)
                results.skipped.append(Skipped(workload.name, kind, run.contender.name, str(error)))
            except Exception as error:
                if run.contender.name in (RAW, STOREROOM):
                    raise
                runs.remove(run)
                why = f"it fails: {type(error).__name__}"
                results.skipped.append(Skipped(workload.name, kind, run.contender.name, why))
    for run in runs:
        results.measurements.append(
            Measurement(
                workload=workload.name,
                database=kind,
                contender=run.contender.name,
                unit=workload.unit,
                count=workload.count,
                seconds=run.seconds[workload.warm_up :],
                goal=workload.goals.get(kind) if run.contender.name == STOREROOM else None,
            )
        )
    _compare(workload, kind, runs, results)


def _round(workload: Workload, run: _Run) -> None:
    contender = run.contender
    workload.prepare(contender.database)
    given = workload.given(contender)
    gc.collect()
    start = perf_counter()
    run.answer = workload.run(contender, given)
    run.seconds.append(perf_counter() - start)
    if workload.table is not None:
        contender.database.content = None


def _compare(workload: Workload, kind: str, runs: Sequence[_Run], results: Results) -> None:
    raw = next(run for run in runs if run.contender.name == RAW)
    for run in runs:
        if run is raw:
            continue
        what: str | None = None
        if workload.table is not None:
            what = difference(raw.contender.database, run.contender.database, workload.table)
        if what is None and not _agree(raw.answer, run.answer):
            what = f"it answers {_short(run.answer)} where the raw driver answers {_short(raw.answer)}"
        if what is not None:
            results.differences.append(Difference(workload.name, kind, run.contender.name, what))
    results.compared.append(f"{workload.name}, {kind}: {', '.join(run.contender.name for run in runs)}")


def _agree(one: Answer, other: Answer) -> bool:
    """Tell whether two answers are the same; where a contender can't say, nothing contradicts."""
    if one is None or other is None:
        return True
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    return bool(one == other)


def _short(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) < 80 else f"{text[:77]}…"
