"""The plots of growth, as SVG files that come out the same for the same figures."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.contender import STOREROOM
from benchmarks.databases import POSTGRESQL
from benchmarks.growth import TITLES, UNITS, file_name, points
from benchmarks.results import Results


def draw(results: Results, workload: str, folder: Path) -> Path:
    """Draw the plot of a workload into the folder, and return the file."""
    mpl.rcParams.update({"svg.hashsalt": workload, "svg.fonttype": "none", "font.family": "sans-serif"})
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for (database, contender), found in sorted(points(results, workload).items()):
        axes.plot(
            [point.rows for point in found],
            [point.microseconds for point in found],
            label=f"{contender}, {database}",
            color="tab:blue" if database == POSTGRESQL else "tab:orange",
            linestyle="-" if contender == STOREROOM else ":",
            marker="o",
        )
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("rows in the table")
    axes.set_ylabel(f"microseconds a {UNITS[workload]}")
    axes.set_title(TITLES[workload])
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    file = folder / file_name(workload)
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    # Its lines end with spaces, which no file here does.
    lines = [line.rstrip() for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def draw_all(results: Results, folder: Path) -> None:
    """Draw the plots of all workloads into the folder."""
    for workload in TITLES:
        draw(results, workload, folder)
