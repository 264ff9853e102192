"""Claims by several processes at once: how many jobs a second, and that each job is claimed once."""

import multiprocessing
from collections.abc import Sequence
from contextlib import closing
from threading import BrokenBarrierError
from time import monotonic
from typing import Any

from benchmarks import data, sql
from benchmarks.contender import STOREROOM, Contender, NotOfferedError
from benchmarks.databases import POSTGRESQL, SQLITE, Database
from benchmarks.encoding import to_json
from benchmarks.results import Difference, Measurement, Results, Skipped
from benchmarks.sizes import Sizes
from storeroom_jobs.models import new_id

PROCESSES = 4
GOALS = {SQLITE: 0.7, POSTGRESQL: 0.9}
_PATIENCE = 120.0


def claims_name() -> str:
    """Return the name of the workload."""
    return f"claims by {PROCESSES} processes"


def measure_claims(running: Sequence[Contender], sizes: Sizes, results: Results) -> None:
    """Measure the claims of all jobs of a queue, contender beside contender, in rounds."""
    kind = running[0].database.kind
    taking: list[tuple[Contender, list[float]]] = []
    for contender in running:
        if contender.only is not None:
            continue
        try:
            _queue(contender.database, 0)
            contender.claim("nobody")
        except NotOfferedError as error:
            results.skipped.append(Skipped(claims_name(), kind, contender.name, str(error)))
        else:
            taking.append((contender, []))
    for number in range(sizes.claim_rounds):
        turn = number % len(taking)
        for contender, seconds in (*taking[turn:], *taking[:turn]):
            seconds.append(_race(type(contender), contender.database, sizes.claims))
            claimed = _claimed(contender.database)
            if claimed != (sizes.claims, sizes.claims):
                what = f"of {sizes.claims:,} jobs {claimed[0]:,} were claimed, {claimed[1]:,} of them once"
                results.differences.append(Difference(claims_name(), kind, contender.name, what))
    for contender, seconds in taking:
        goal = GOALS[kind] if contender.name == STOREROOM else None
        results.measurements.append(
            Measurement(claims_name(), kind, contender.name, "job", sizes.claims, seconds, goal, is_rate=True)
        )
    results.compared.append(f"{claims_name()}, {kind}: {', '.join(each.name for each, _ in taking)}")


def _queue(database: Database, number: int) -> None:
    database.fill(None, ["jobs"])
    flavour = sql.ON_SQLITE if database.is_sqlite else sql.ON_POSTGRESQL
    text = flavour.create_job.partition(" RETURNING")[0]
    with closing(database.connect()) as connection:
        cursor = connection.cursor()
        if database.is_sqlite:
            cursor.execute("BEGIN")
        context = to_json(data.JOB_CONTEXT)
        cursor.executemany(text, [(new_id(), path, context) for path in data.paths(number)])
        connection.commit()
        connection.execute("ANALYZE jobs")
        connection.commit()


def _claimed(database: Database) -> tuple[int, int]:
    once = "coalesce(sum(CASE attempts WHEN 1 THEN 1 ELSE 0 END), 0)"
    text = f"SELECT count(*), {once} FROM jobs WHERE status = 'running'"
    with closing(database.connect()) as connection:
        running, claimed_once = connection.execute(text).fetchone()
    return int(running), int(claimed_once)


def _race(kind: type[Contender], database: Database, jobs: int) -> float:
    """Return the seconds from the first claim to the last, over all processes; jobs are there once all are ready."""
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(PROCESSES + 1), context.Queue()
    _queue(database, 0)
    processes = [
        context.Process(target=_claim_all, args=(kind, database, barrier, told, f"worker {number}"))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    try:
        barrier.wait(_PATIENCE)
        _queue(database, jobs)
        barrier.wait(_PATIENCE)
        spans = [told.get(timeout=_PATIENCE) for _ in processes]
    except BrokenBarrierError:
        spans = [told.get(timeout=_PATIENCE)]
    finally:
        for process in processes:
            process.join(_PATIENCE)
    if failures := [span for span in spans if isinstance(span, str)]:
        raise RuntimeError(f"{kind.name}: {failures[0]}")
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return float(last - first)


def _claim_all(kind: type[Contender], database: Database, barrier: Any, told: Any, worker: str) -> None:
    try:
        with closing(kind(database)) as contender:
            contender.claim(worker)  # of nothing, so that what is done once has been done
            barrier.wait(_PATIENCE)
            barrier.wait(_PATIENCE)
            start = monotonic()
            while contender.claim(worker):
                pass
            told.put((start, monotonic()))
    except Exception as error:  # whatever it is, the other process says it
        told.put(f"{type(error).__name__}: {error}")
        barrier.abort()
