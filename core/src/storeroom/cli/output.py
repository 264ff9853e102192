"""What commands print: a table for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

_STYLES = {
    "current": "green",
    "found": "green",
    "loaded": "green",
    "pending": "yellow",
    "denied": "dim",
    "orphaned": "yellow",
    "ahead": "red",
    "quarantined": "red",
}
_WIDE = 240


def print_json(data: object) -> None:
    """Print data as JSON, for a program to read."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def print_table(rows: Sequence[Mapping[str, str | None]], columns: Sequence[str]) -> None:
    """Print rows under these columns; the column `state` has colours on a terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(
            *(
                Text(row[column] or "–", _STYLES.get(row[column] or "", "") if column == "state" else "")
                for column in columns
            )
        )
    _console().print(table)


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far each of several things is, on a terminal's standard error; elsewhere nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], completed=done, total=total)

        yield advance


def print_line(text: str, style: str = "") -> None:
    """Print one line of text."""
    _console().print(Text(text, style), soft_wrap=True)


def print_error(text: str) -> None:
    """Print one line to standard error, under the program's name."""
    print(f"storeroom: {' '.join(text.split())}", file=sys.stderr)


def _console() -> Console:
    # What isn't a terminal has no width that words would have to fit in.
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False)
