"""The command line of the benchmarks."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.claims import measure_claims
from benchmarks.contender import STOREROOM
from benchmarks.databases import POSTGRESQL, SQLITE, Databases, kinds
from benchmarks.growth import measure_growth
from benchmarks.machine import machine
from benchmarks.measuring import contenders, measure, opened
from benchmarks.million import measure_million
from benchmarks.page import DOCS, write
from benchmarks.report import closing_lines, measured
from benchmarks.results import Figure, Results
from benchmarks.sizes import FULL, QUICK, SMALLEST, Sizes
from benchmarks.starting import measure_commands, measure_opening
from benchmarks.workloads import last_page, page_name, workloads

_SIZES = {sizes.name: sizes for sizes in (FULL, QUICK, SMALLEST)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; returns 1 where Storeroom leaves other rows than the raw driver."""
    given = _parser().parse_args(arguments)
    sizes = QUICK if given.quick else _SIZES[given.sizes]
    with kinds(given.database or (SQLITE, POSTGRESQL)) as chosen:
        results = Results(sizes.name, machine(chosen))
        print("\n".join(f"{name}: {value}" for name, value in results.machine.items()))
        for databases in chosen:
            run(databases, sizes, results, given.only)
        if given.only is None or "start" in given.only:
            measure_commands(sizes, results)
    print("\n".join(closing_lines(results)))
    if given.json is not None:
        given.json.write_text(json.dumps(results.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.write:
        import_module("benchmarks.plots").draw_all(results, DOCS)  # matplotlib isn't always installed
        write(results)
    return 1 if any(each.contender == STOREROOM for each in results.differences) else 0


def run(databases: Databases, sizes: Sizes, results: Results, only: str | None = None) -> None:
    """Run all workloads on one kind of database, or those whose verb or name contains a word."""

    def is_chosen(*words: str) -> bool:
        return only is None or any(only in word for word in words)

    with opened(databases, contenders(databases.kind)) as running:
        for workload in workloads(sizes):
            if is_chosen(workload.verb, workload.name):
                first = len(results.measurements)
                measure(workload, running, results)
                print("\n".join(measured(results, first)), flush=True)
        if is_chosen("page"):
            results.figures.append(_pages_apart(databases.kind, sizes, results))
        if is_chosen("claims"):
            first = len(results.measurements)
            measure_claims(running, sizes, results)
            print("\n".join(measured(results, first)), flush=True)
    if sizes.million and is_chosen("million"):
        first = len(results.measurements)
        measure_million(databases, sizes, results)
        print("\n".join(measured(results, first)), flush=True)
    if is_chosen("start"):
        measure_opening(databases, sizes, results)
    if is_chosen("growth"):
        measure_growth(databases, sizes, results)


def _pages_apart(kind: str, sizes: Sizes, results: Results) -> Figure:
    """Return how much longer Storeroom's last page takes than its first."""
    last = last_page(sizes)
    first, late = (
        each.each
        for number in (1, last)
        for each in results.measurements
        if (each.workload, each.database, each.contender) == (page_name(sizes, number), kind, STOREROOM)
    )
    return Figure(f"page {last:,} over page 1, {STOREROOM}", kind, late / first, "times", 1.2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=sys.modules["benchmarks"].__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds, within two minutes")
    parser.add_argument("--sizes", choices=_SIZES, default=FULL.name, help="by default full")
    parser.add_argument("--only", metavar="WORD", help="workloads whose name has this word; start, growth, million too")
    parser.add_argument("--database", action="append", choices=(SQLITE, POSTGRESQL), help="by default both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    parser.add_argument("--write", action=_WriteAction, help="write docs/performance.md and its plots")
    return parser


class _WriteAction(argparse.Action):
    """Refuses at once what could only fail at the end."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002  # argparse's
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_given: object) -> None:
        if find_spec("matplotlib") is None:
            parser.error("--write draws with matplotlib, which isn't installed; see benchmarks/requirements.txt")
        setattr(namespace, self.dest, True)
