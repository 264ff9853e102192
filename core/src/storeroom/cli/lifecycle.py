"""The commands for the life of a plugin in a database: check, downgrade, purge, forget, claim, backup, restore."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from storeroom.cli.options import ATTENTION, Json, NoBackup, Url, Yes
from storeroom.cli.output import print_error, print_json, print_line, print_table
from storeroom.errors import ConfigurationError

Name = Annotated[str, typer.Argument(help="The plugin's name.")]


def check(
    name: Annotated[list[str] | None, typer.Argument(help="Plugins; without one, all that are in use.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Compare plugins' tables with their models, and show every difference; exit code 1 where there is one."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url) as installation, installation.migrating() as database:
        found = lifecycle.drift(database, installation.registry, name or ())
    if as_json:
        print_json({"plugins": [_drift_as_json(each) for each in found]})
    else:
        for each in found:
            for difference in each.differences:
                print_line(f"{each.plugin}: {difference}", "yellow")
            if each.note:
                print_line(f"{each.plugin}: {each.note}", "yellow")
        if not any(found):
            print_line(f"no difference in {', '.join(each.plugin for each in found)}", "green")
    if any(found):
        raise typer.Exit(ATTENTION)


def downgrade(
    name: Name,
    revision: Annotated[str, typer.Argument(help="The last revision to keep, or 'base' to take back all.")],
    url: Url = None,
    no_backup: NoBackup = False,
    as_json: Json = False,
) -> None:
    """Take back a plugin's latest revisions, down to the one named."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url, settings=settings(no_backup)) as installation, installation.migrating() as database:
        dump = lifecycle.dump_of(database, [name])
        if not as_json:
            show_dump(dump)
        taken = lifecycle.downgrade(database, installation.registry, name, revision)
        shown = database.shown_url
    if as_json:
        print_json({"url": shown, "plugin": name, "taken_back": [each.id for each in taken], "dump_command": dump})
    else:
        for each in taken:
            print_line(f"took back {name}: {each.id}")
        print_line(f"{len(taken)} revision(s) taken back" if taken else f"{name} is there already", "bold")


def purge(name: Name, url: Url = None, yes: Yes = False, no_backup: NoBackup = False, as_json: Json = False) -> None:
    """Drop a plugin's tables, with all their rows; it need not be installed any more."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url, settings=settings(no_backup)) as installation, installation.migrating() as database:
        found = lifecycle.holdings(database, installation.registry, name)
        if not as_json:
            _show_holdings(found)
        if not found.required_by and not found.foreign_keys:  # else purging says what stands against it
            _confirm(f"type {name} to drop all of this from {database.shown_url}", name, yes=yes)
        dropped = lifecycle.purge(database, installation.registry, name)
    if as_json:
        rows = sum(each.rows for each in found.tables)
        left, dump = list(found.others), found.dump_command
        print_json({"plugin": name, "dropped": list(dropped), "rows": rows, "left": left, "dump_command": dump})
        return
    print_line(f"dropped {', '.join(dropped)}" if dropped else "no table was there to be dropped", "bold")
    if found.others:
        print_line(
            f"the ledger doesn't know of what is left, and may be in the way: {'; '.join(found.others)}", "yellow"
        )
    if found.is_installed:
        print_line(f"{name} is still installed: uninstall or deny it, or the next upgrade makes its tables anew")


def forget(name: Name, url: Url = None, as_json: Json = False) -> None:
    """Let the ledger go of a plugin, and leave its tables; claim takes them back."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url) as installation, installation.migrating() as database:
        tables = lifecycle.forget(database, name)
    if as_json:
        print_json({"plugin": name, "left": list(tables)})
    else:
        print_line(f"{name} is forgotten; {', '.join(tables) or 'no table'} stays and belongs to nobody", "bold")
        print_line(f"storeroom claim {name} takes its tables back")


def claim(
    name: Name,
    url: Url = None,
    at: Annotated[
        str | None, typer.Option("--at", help="The revision, where several make the same tables.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Give a plugin the tables that are there and belong to nobody, at the revision whose schema they equal."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url) as installation, installation.migrating() as database:
        claimed = lifecycle.claim(database, installation.registry, name, at)
    if as_json:
        print_json({"plugin": name, "revision": claimed.revision, "tables": list(claimed.tables)})
    else:
        print_line(f"{name} owns {', '.join(claimed.tables)}, at {claimed.revision}", "bold")


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy; it must not exist.")],
    url: Url = None,
) -> None:
    """Copy a SQLite database into a file while it is in use, and verify the copy."""
    from storeroom import backups
    from storeroom.installation import Installation

    with Installation.connect(url, discover=False) as installation:
        backups.backup(installation.database, file)
    print_line(f"wrote {file}", "bold")


def restore(
    file: Annotated[Path, typer.Argument(help="What 'storeroom backup', or an upgrade, wrote.")],
    url: Url = None,
    yes: Yes = False,
    no_backup: NoBackup = False,
) -> None:
    """Bring a SQLite database back to a copy's state, while programs have it open; what is there now goes."""
    from storeroom import lifecycle
    from storeroom.installation import Installation

    with Installation.connect(url, discover=False, settings=settings(no_backup)) as installation:
        database = installation.database
        if not installation.is_new:
            _confirm(f"type restore to replace all that is in {database.shown_url}", "restore", yes=yes)
        before = lifecycle.restore(database, file)
        print_line(f"restored {database.shown_url} from {file}", "bold")
    if before is not None:
        print_line(f"what was there before is in {before}")
    print_line("storeroom status shows where the plugins' tables stand now")


def settings(no_backup: bool) -> Any:
    """Return the settings, without back-ups if so wanted."""
    from storeroom.settings import load_settings

    loaded = load_settings()
    return loaded.model_copy(update={"backups": 0}) if no_backup else loaded


def show_dump(command: str | None) -> None:
    """Name the command that copies tables, on a database that Storeroom doesn't back up."""
    if command:
        print_line(f"to be able to go back: {command}")


def _confirm(question: str, answer: str, *, yes: bool) -> None:
    """Ask for a word to be typed; without a terminal, --yes must say it."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError("there is no terminal to ask at; say --yes to do it without being asked")
    if typer.prompt(question) != answer:
        print_error("nothing was changed")
        raise typer.Exit(ATTENTION)


def _show_holdings(found: Any) -> None:
    rows = [
        {
            "table": each.name,
            "rows": f"{each.rows:,}",
            "size": None if each.size is None else f"{each.size / 1024:,.0f} KiB",
        }
        for each in found.tables
    ]
    print_line(f"{found.plugin} at {found.head}" + ("" if found.is_installed else ", not installed"))
    print_table(rows, ["table", "rows", "size"])
    for child, parent in found.foreign_keys:
        print_line(f"{child} refers to {parent}", "yellow")
    for each in found.missing:
        print_line(f"{each} is gone already", "yellow")
    show_dump(found.dump_command)


def _drift_as_json(drift: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "plugin": drift.plugin,
        "differences": [{**asdict(each), "text": str(each)} for each in drift.differences],
        "note": drift.note,
    }
