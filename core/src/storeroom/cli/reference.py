"""The command `docs`: the reference of what is installed here."""

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from storeroom.cli.options import Url
from storeroom.cli.output import print_line
from storeroom.errors import ConfigurationError


def docs(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file (NAME.md), or a folder for a page each.", show_default=False),
    ] = None,
    url: Url = None,
    no_database: Annotated[
        bool, typer.Option("--no-database", help="Leave the database out, also where STOREROOM_URL names one.")
    ] = False,
) -> None:
    """Write the reference of what is installed: plugins, repositories with their verbs, tables, hooks, the database.

    As Markdown, with diagrams of the tables for Mermaid. Quarantined plugins are in it with their cause. Without a
    database it tells of the code alone.
    """
    from storeroom.reference.pages import one_page, pages, stale

    if no_database and url is not None:
        raise ConfigurationError("--no-database and --url were given; give one of them")
    registry, held = _look(url, no_database=no_database)
    if output is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal's is: it is a document
        print(one_page(registry, held), end="")
    elif output.suffix:
        _write({output: one_page(registry, held)})
    else:
        made = pages(registry, held)
        _write({output / name: text for name, text in made.items()})
        for file in stale(output, made):
            file.unlink()
            print_line(f"removed {file}")


def _look(url: str | None, *, no_database: bool) -> tuple[Any, Any]:
    """Return the registry, and what the database holds, or None for that where none is wanted or known."""
    from storeroom.installation import Installation
    from storeroom.reference.database import read_holdings
    from storeroom.settings import load_settings

    # What is wrong with plugins is part of the reference.
    settings = load_settings().model_copy(update={"strict": False})
    if url is not None or (settings.url is not None and not no_database):
        with Installation.connect(url, settings=settings) as installation:
            held = read_holdings(installation)
            return installation.registry, held

    from storeroom.discovery import discover
    from storeroom.migrations.revisions import unreadable_revisions
    from storeroom.registry import build_registry, without

    registry = build_registry(discover(allow=settings.allow, deny=settings.deny))
    return without(registry, unreadable_revisions(registry)), None


def _write(files: Mapping[Path, str]) -> None:
    for file, text in files.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ConfigurationError(f"{file} can't be written: {why}; give --output another place") from error
        print_line(f"wrote {file}")
