"""A million items from a generator: the time an item, and by how much the process grows; each run is a process."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from time import perf_counter

from benchmarks import data
from benchmarks.contender import RAW, STOREROOM
from benchmarks.databases import POSTGRESQL, SQLITE, Database, Databases
from benchmarks.measuring import contenders, opened
from benchmarks.results import Difference, Figure, Measurement, Results, Skipped
from benchmarks.rows import digest
from benchmarks.sizes import Sizes

GOALS = {SQLITE: 1.2, POSTGRESQL: 1.3}
_WARM_UP = 20_000


def million_name(sizes: Sizes) -> str:
    """Return the name of the workload."""
    return f"wanted.upsert_many, {sizes.million:,} items from a generator, half new"


def measure_million(databases: Databases, sizes: Sizes, results: Results) -> None:
    """Measure the raw driver and Storeroom, each in a process of its own; the others read all items into a list."""
    name, kind = million_name(sizes), databases.kind
    classes = contenders(kind)
    for each in classes[2:]:
        if each.only is None:
            results.skipped.append(Skipped(name, kind, each.name, "it holds all its objects in memory"))
    digests = []
    with opened(databases, classes[:2]) as running:
        for contender in running:
            contender.database.fill(None, ["wanted"], data.known(sizes.million))
            words = [sys.executable, "-m", "benchmarks.million", kind, contender.database.url, contender.name]
            done = subprocess.run([*words, str(sizes.million)], capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{name}, {contender.name}: {done.stderr[-2000:]}")
            found = json.loads(done.stdout)
            goal = GOALS[kind] if contender.name == STOREROOM else None
            results.measurements.append(
                Measurement(name, kind, contender.name, "item", sizes.million, [found["seconds"]], goal)
            )
            results.figures.append(Figure(f"{name}: {contender.name} grows by", kind, found["megabytes"], "MB"))
            digests.append(digest(contender.database, "wanted"))
    if len(set(digests)) != 1:
        results.differences.append(Difference(name, kind, STOREROOM, "it leaves other rows than the raw driver"))
    results.compared.append(f"{name}, {kind}: {RAW}, {STOREROOM}")


def _peak() -> float:
    """Return the most memory that this process has had, in megabytes."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024 / (1024 if sys.platform == "darwin" else 1)


def _run(kind: str, url: str, name: str, number: int) -> Iterator[tuple[str, float]]:
    database = Database(kind, url)
    (chosen,) = (each for each in contenders(kind) if each.name == name)
    with closing(chosen(database)) as contender:
        contender.upsert_many(data.scan(min(_WARM_UP, number), first=number))
        before = _peak()
        start = perf_counter()
        contender.upsert_many(data.scan(number))
        yield "seconds", perf_counter() - start
        yield "megabytes", _peak() - before


if __name__ == "__main__":
    _, given_kind, given_url, given_name, given_number = sys.argv
    print(json.dumps(dict(_run(given_kind, given_url, given_name, int(given_number)))))
