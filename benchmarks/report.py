"""Results as a person reads them at the terminal."""

from collections.abc import Iterator

from benchmarks.results import Figure, Measurement, Results


def cost(measurement: Measurement) -> str:
    """Return what a unit of work costs, or how many are done a second."""
    if measurement.is_rate:
        return f"{measurement.rate:,.0f} {measurement.unit}s/s"
    return f"{number(measurement.each)} µs"


def number(value: float) -> str:
    """Return a number with three figures or so."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def goal(measurement: Measurement, ratio: float | None) -> str:
    """Return the goal of a measurement, and whether it is met; empty where there is none."""
    if measurement.goal is None or ratio is None:
        return ""
    sign = "≥" if measurement.is_rate else "≤"
    return f"goal {sign} {measurement.goal:g}: {'met' if measurement.meets(ratio) else 'missed'}"


def measured(results: Results, first: int = 0) -> Iterator[str]:
    """Yield the lines of measurements, from one on, under the names of their workloads."""
    name = ""
    for each in results.measurements[first:]:
        title = f"{each.database}: {each.workload}"
        if title != name:
            name = title
            yield title
        ratio = results.ratio(each)
        told = "" if ratio is None else f"{ratio:8.2f}"
        spread = f"±{each.spread:.0%}"
        yield f"  {each.contender:28}{cost(each):>16} {spread:>6}{told}  {goal(each, ratio)}".rstrip()


def figure(each: Figure) -> str:
    """Return the line of a figure."""
    where = f"{each.database}: " if each.database else ""
    reached = "" if each.goal is None else f"  goal ≤ {each.goal:g}: {'met' if each.value <= each.goal else 'missed'}"
    return f"{where}{each.name}: {number(each.value)} {each.unit}{reached}"


def closing_lines(results: Results) -> Iterator[str]:
    """Yield what is to be said at the end: figures, who didn't take part, who left other rows."""
    yield from map(figure, results.figures)
    for skip in results.skipped:
        yield f"skipped: {skip.contender}, {skip.database}, {skip.workload}: {skip.why}"
    for each in results.differences:
        yield f"DIFFERENT ROWS: {each.contender}, {each.database}, {each.workload}: {each.what}"
    yield f"rows and answers compared in {len(results.compared)} workloads"
