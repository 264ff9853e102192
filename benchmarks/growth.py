"""How the cost of a unit of work grows with the table: an upserted item, a page in the middle, a row of a summary."""

from collections.abc import Callable, Sequence
from contextlib import closing
from statistics import median
from time import perf_counter

from benchmarks import data
from benchmarks.contender import Contender
from benchmarks.databases import Databases
from benchmarks.measuring import contenders, opened
from benchmarks.results import Point, Results
from benchmarks.sizes import Sizes

UPSERT, PAGE, SUMMARY = "upsert", "page", "summary"
TITLES = {
    UPSERT: "Upsert: cost of an item, over the size of the table",
    PAGE: "Page in the middle: cost of 50 records, over the size of the table",
    SUMMARY: "Summary: cost of a row, over the size of the table",
}
UNITS = {UPSERT: "item", PAGE: "page of 50", SUMMARY: "row"}

_MOST_UPSERTED = 10_000
_REPEATS = 3
_PAGES = 20


def measure_growth(databases: Databases, sizes: Sizes, results: Results) -> None:
    """Measure the raw driver and Storeroom over tables of each size."""
    with opened(databases, contenders(databases.kind)[:2]) as running:
        for rows in sizes.growth:
            for contender in running:
                contender.database.fill(("everything", rows), ["wanted"], data.everything(rows))
            for workload, measure in _MEASURES.items():
                times: list[list[float]] = [[] for _ in running]
                for number in range(_REPEATS + 1):
                    for contender, found in zip(running, times, strict=True):
                        found.append(measure(contender, rows, number))
                for contender, found in zip(running, times, strict=True):
                    cost = median(found[1:]) * 1e6  # the first warms up
                    results.growth.append(Point(workload, databases.kind, contender.name, rows, cost))


def _page(contender: Contender, rows: int, _number: int) -> float:
    place = contender.place(rows // 2, 50)
    start = perf_counter()
    for _ in range(_PAGES):
        contender.page(place, 50)
    return (perf_counter() - start) / _PAGES


def _summary(contender: Contender, rows: int, _number: int) -> float:
    start = perf_counter()
    contender.summary()
    return (perf_counter() - start) / rows


def _upsert(contender: Contender, rows: int, number: int) -> float:
    """Return the seconds an item of a scan, half of which is new; what was new is deleted again."""
    many = min(rows, _MOST_UPSERTED)
    items = list(data.scan(many, first=rows - many // 2, generation=number + 1))
    start = perf_counter()
    contender.upsert_many(items)
    each = (perf_counter() - start) / many
    with closing(contender.database.connect()) as connection:
        connection.execute(f"DELETE FROM wanted WHERE episode_id >= {rows}")
        connection.commit()
    contender.database.content = None
    return each


# Upserts come last: they change the rows.
_MEASURES: dict[str, Callable[[Contender, int, int], float]] = {PAGE: _page, SUMMARY: _summary, UPSERT: _upsert}


def points(results: Results, workload: str) -> dict[tuple[str, str], Sequence[Point]]:
    """Return the points of a workload, by database and contender, in the order of their sizes."""
    found: dict[tuple[str, str], list[Point]] = {}
    for point in results.growth:
        if point.workload == workload:
            found.setdefault((point.database, point.contender), []).append(point)
    return {key: sorted(each, key=lambda point: point.rows) for key, each in found.items()}


def file_name(workload: str) -> str:
    """Return the name of a plot's file in docs/."""
    return f"performance-{workload}.svg"
