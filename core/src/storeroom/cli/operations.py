"""The commands that work in a database: prune, doctor, adopt."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from storeroom.cli.options import ATTENTION, Json, Url
from storeroom.cli.output import print_error, print_json, print_line, print_table, progress_bar
from storeroom.errors import ConfigurationError

_AGE = re.compile(r"(?P<name>[^=]+)=(?P<number>\d{1,6})(?P<unit>[hdw]?)")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "": timedelta(days=1), "w": timedelta(weeks=1)}

# How many notes of a table people are shown; programs get them all.
_NOTES = 5


def prune(
    age: Annotated[
        list[str] | None,
        typer.Option("--age", metavar="NAME=AGE", help="How old rows may get, as jobs=30d (h, d or w); repeatable."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go, and delete nothing.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Delete what got old, of all plugins, in batches; --dry-run shows what would go."""
    from storeroom.room import Storeroom

    ages = dict(_parse_age(each) for each in age or ())
    with Storeroom.open(url) as room:
        report = room.prune(ages, dry_run=dry_run)
    rows: list[dict[str, Any]] = [
        {"name": each.name, "rows": each.rows, "age": _shown_age(each.age), "count": each.count}
        for each in report.pruned
    ]
    errors = [{"plugin": error.plugin, "error": str(error)} for error in report.errors]
    if as_json:
        print_json({"dry_run": dry_run, "pruned": rows, "errors": errors})
    else:
        print_table([{**row, "count": f"{row['count']:,}"} for row in rows], ["name", "rows", "age", "count"])
        total = sum(each.count for each in report.pruned)
        print_line(f"{total:,} row(s) would go" if dry_run else f"{total:,} row(s) deleted", "bold")
        for error in report.errors:
            print_error(str(error))
    if report.errors:
        raise typer.Exit(ATTENTION)


def doctor(url: Url = None, as_json: Json = False) -> None:
    """Look for what needs attention, in the database and in each plugin's data, and say what to do about it."""
    from storeroom.installation import Installation
    from storeroom.operations.doctor import diagnose

    installation = Installation.connect(url)
    try:
        found = diagnose(installation)
        shown = installation.database.shown_url
    finally:
        installation.close()
    if as_json:
        findings = [{"source": each.source, "problem": each.problem, "cure": each.cure} for each in found]
        print_json({"url": shown, "findings": findings})
    elif not found:
        print_line("nothing needs attention", "green")
    else:
        for each in found:
            print_line(f"{each.source}: {each.problem}", "yellow")
            print_line(f"    {each.cure}")
    if found:
        raise typer.Exit(ATTENTION)


def adopt(
    system: Annotated[str, typer.Argument(help="The system that wrote the file, such as sublarr.")],
    file: Annotated[Path, typer.Argument(help="Its SQLite database; it is never changed.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would happen, and write nothing.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Take over what another system wrote, through the plugins that are installed, all or nothing."""
    from storeroom.room import Storeroom

    with Storeroom.open(url) as room, progress_bar(hidden=as_json) as advance:
        report = room.adopt(system.lower(), file, dry_run=dry_run, progress=advance)
    if as_json:
        print_json(_as_json(report))
    else:
        _print_report(report)


def _print_report(report: Any) -> None:
    rows = [
        {
            "from": each.table,
            "to": each.target,
            **{name: f"{getattr(each, name):,}" for name in ("read", "written", "merged", "known", "left_out")},
        }
        for each in report.tables
    ]
    print_table(rows, ["from", "to", "read", "written", "merged", "known", "left_out"])
    for each in report.tables:
        _print_notes(each)
    if report.missing:
        print_line(f"the file has no {', '.join(report.missing)}")
    for ignored in report.ignored:
        rows_of_it = "rows, which can't be read" if ignored.rows is None else f"{ignored.rows:,} row(s)"
        print_line(f"{ignored.table}: no plugin here takes its {rows_of_it}")
    written = sum(each.written for each in report.tables)
    print_line(f"{written:,} row(s) would be written" if report.dry_run else f"{written:,} row(s) written", "bold")


def _print_notes(table: Any) -> None:
    if table.missing_columns:
        print_line(f"{table.table}: the file lacks {', '.join(table.missing_columns)}; defaults were taken")
    if table.unknown_columns:
        print_line(f"{table.table}: nobody knows the columns {', '.join(table.unknown_columns)}; they were left")
    for note in table.notes[:_NOTES]:
        print_line(f"{table.table} {note.key} {note.fate}: {note.cause}")
    if len(table.notes) > _NOTES:
        print_line(f"{table.table}: {len(table.notes) - _NOTES:,} more such rows; --json names them all")


def _as_json(report: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(report)


def _parse_age(text: str) -> tuple[str, timedelta]:
    match = _AGE.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            f"--age {text!r} can't be understood; write a name and an age, as jobs=30d or hooks.log=12h"
        )
    return match["name"], int(match["number"]) * _UNITS[match["unit"]]


def _shown_age(age: timedelta) -> str:
    hours = round(age.total_seconds() / 3600)
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"
