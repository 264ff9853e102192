"""The measured part of docs/performance.md: what stands between the markers is written anew, the rest stays."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.contender import RAW, STOREROOM
from benchmarks.growth import TITLES, file_name
from benchmarks.report import cost, number
from benchmarks.results import Figure, Measurement, Results

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN = "<!-- begin: written by `python3 dev.py bench --write` -->"
END = "<!-- end -->"


def write(results: Results, folder: Path = DOCS) -> None:
    """Write the tables of a run into the page, beside the plots; raises ValueError where its markers are missing."""
    page = folder / "performance.md"
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} lacks the marker {BEGIN!r} or {END!r}; put both back, in this order")
    page.write_text(f"{before}{BEGIN}\n\n{body(results)}\n{END}{after}", encoding="utf-8")


def body(results: Results) -> str:
    """Return the measured part of the page."""
    lines: list[str] = []
    if results.size != "full":
        lines += [
            f"**A {results.size} run, which shows that everything works: its sizes are small, its rounds few, and its "
            "figures say little. The sizes of the goals are those of a full run.**",
            "",
        ]
    lines += ["### The machine", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in results.machine.items()]
    for database in dict.fromkeys(each.database for each in results.measurements):
        lines += ["", f"### {database}", "", *_table(results, database)]
    lines += ["", "### Starting, and memory", "", *_figures(results.figures)]
    lines += ["", "### Growth", "", *_growth()]
    lines += ["", "### Who left other rows, and who didn't take part", "", *_remarks(results)]
    return "\n".join(lines) + "\n"


def _table(results: Results, database: str) -> Iterator[str]:
    """Yield a table: a line a workload, a column a contender, each cell its cost and its ratio to the raw driver."""
    measurements = [each for each in results.measurements if each.database == database]
    names = list(dict.fromkeys(each.contender for each in measurements))
    yield f"| workload, per | {' | '.join(names)} | goal |"
    yield "|---|" + "---|" * len(names) + "---|"
    for workload in dict.fromkeys(each.workload for each in measurements):
        row = {each.contender: each for each in measurements if each.workload == workload}
        cells = [_cell(results, row.get(name)) for name in names]
        yield f"| {workload}, per {row[RAW].unit} | {' | '.join(cells)} | {_goal(results, row.get(STOREROOM))} |"


def _cell(results: Results, measurement: Measurement | None) -> str:
    if measurement is None:
        return "–"
    spread = f"±{measurement.spread:.0%}"
    ratio = results.ratio(measurement)
    if measurement.contender == RAW or ratio is None:
        return f"{cost(measurement)} {spread}"
    return f"**{ratio:.2f}** · {cost(measurement)} {spread}"


def _goal(results: Results, measurement: Measurement | None) -> str:
    ratio = None if measurement is None else results.ratio(measurement)
    if measurement is None or ratio is None or measurement.goal is None:
        return "–"
    return f"{'≥' if measurement.is_rate else '≤'} {measurement.goal:g}{'' if measurement.meets(ratio) else ', missed'}"


def _figures(figures: Sequence[Figure]) -> Iterator[str]:
    yield "| | database | measured | goal |"
    yield "|---|---|---|---|"
    for each in figures:
        missed = "" if each.goal is None or each.value <= each.goal else ", missed"
        aim = "–" if each.goal is None else f"≤ {each.goal:g} {each.unit}{missed}"
        yield f"| {each.name} | {each.database or '–'} | {number(each.value)} {each.unit} | {aim} |"


def _growth() -> Iterator[str]:
    for workload, title in TITLES.items():
        yield f"![{title}]({file_name(workload)})"
        yield ""
    yield "Storeroom is the solid line, the raw driver the dotted one."


def _remarks(results: Results) -> Iterator[str]:
    yield "| contender | database | workload | other rows, or why not |"
    yield "|---|---|---|---|"
    for each in results.differences:
        yield f"| {each.contender} | {each.database} | {each.workload} | {each.what} |"
    for skip in results.skipped:
        yield f"| {skip.contender} | {skip.database} | {skip.workload} | left out: {skip.why} |"
