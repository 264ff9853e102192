"""The commands. What is heavy is imported by the command that needs it, so that the others start fast."""

import logging
import os
import sys
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from storeroom.cli import lifecycle, operations, reference
from storeroom.cli.new import new
from storeroom.cli.options import ATTENTION, WRONG_USAGE, Json, NoBackup, Url
from storeroom.cli.output import print_error, print_json, print_line, print_table
from storeroom.discovery import Discovery, discover
from storeroom.errors import ConfigurationError, StoreroomError, tell
from storeroom.names import suggestion
from storeroom.settings import Settings, load_settings, unknown_variables


class PluginGroup(TyperGroup):
    """Core's commands, and behind them those that plugins bring, each under its plugin's name."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return core's command, else load the plugin of that name and return its commands."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        from storeroom.cli.plugins import plugin_command

        return plugin_command(_discover(load_settings()), cmd_name, self.list_commands(ctx))

    def invoke(self, ctx: Any) -> None:
        """Run a command; what it returns isn't an exit code, as typer would take it for outside standalone mode."""
        super().invoke(ctx)


app = typer.Typer(
    cls=PluginGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Look at installed plugins, and bring a database's tables to where their code is.",
    epilog="A plugin may bring commands of its own: storeroom PLUGIN --help.",
)

app.command()(operations.prune)
app.command()(operations.doctor)
app.command()(operations.adopt)
app.command()(lifecycle.check)
app.command()(lifecycle.downgrade)
app.command()(lifecycle.purge)
app.command()(lifecycle.forget)
app.command()(lifecycle.claim)
app.command()(lifecycle.backup)
app.command()(lifecycle.restore)
app.command()(new)
app.command()(reference.docs)


def run() -> int:
    """Run the command line and return its exit code; an error is one line, without a traceback."""
    # What the log would say, the commands report.
    logging.getLogger("storeroom").addHandler(logging.NullHandler())
    try:
        return app(prog_name="storeroom", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _wrong_usage(error)
    except typer.Abort:
        print_error("ended before it was done")
    except StoreroomError as error:
        print_error(str(error))
        return WRONG_USAGE if isinstance(error, ConfigurationError) else ATTENTION
    except SystemExit as end:
        if not isinstance(end.code, str):
            return end.code or 0
        print_error(end.code)
    except Exception as error:  # of a plugin's command, or of the system
        if os.environ.get("STOREROOM_DEBUG"):
            raise
        print_error(f"{tell(error)} (with STOREROOM_DEBUG=1, the traceback)")
    return ATTENTION


def _wrong_usage(error: typer.TyperException) -> int:
    """Say in one line what is wrong with the words, and which help to ask for."""
    message = error.format_message()
    if message:  # or there were no words at all, and the help was printed
        ctx = getattr(error, "ctx", None)
        path = "storeroom" if ctx is None else ctx.command_path
        print_error(f"{message[:1].lower()}{message[1:].rstrip('.')}; see {path} --help")
    return error.exit_code


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"storeroom {version('storeroom')}")
        raise typer.Exit


@app.callback()
def storeroom(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options that go before a command."""
    for text in unknown_variables(os.environ):
        print_error(text)


@app.command()
def plugins(
    load: Annotated[bool, typer.Option("--load", help="Import the plugins as well, and say what is wrong.")] = False,
    as_json: Json = False,
) -> None:
    """List the plugins that are installed; without --load, none of their code runs."""
    settings = load_settings()
    found = _discover(settings)
    entries = [(candidate, "found", "") for candidate in found.candidates]
    entries += [(each.candidate, "quarantined", str(each.error)) for each in found.quarantined]
    if load:
        from storeroom.migrations.revisions import unreadable_revisions
        from storeroom.registry import build_registry, without

        registry = build_registry(found)
        registry = without(registry, unreadable_revisions(registry))
        entries = [(plugin.candidate, "loaded", "") for plugin in registry.plugins.values()]
        entries += [(each.candidate, "quarantined", str(each.error)) for each in registry.quarantined.values()]
    entries += [(candidate, "denied", "STOREROOM_ALLOW or STOREROOM_DENY keeps it out") for candidate in found.denied]
    rows = [
        {
            "name": candidate.name,
            "distribution": candidate.distribution,
            "version": candidate.version,
            "state": state,
            "detail": detail,
        }
        for candidate, state, detail in entries
    ]
    for name in found.unmatched:
        near = suggestion(name, [candidate.name for candidate, _, _ in entries])
        print_error(f"STOREROOM_ALLOW or STOREROOM_DENY names {name!r}, which isn't installed{near}")
    if as_json:
        print_json({"plugins": rows})
    elif rows:
        _print_rows(rows, ["name", "distribution", "version", "state"])
    else:
        print_line("no plugins are installed; pip install one, such as storeroom-notes")
    if any(row["state"] == "quarantined" for row in rows):
        raise typer.Exit(ATTENTION)


@app.command()
def status(url: Url = None, as_json: Json = False) -> None:
    """Show where each plugin's tables stand in a database; nothing is changed."""
    from storeroom.installation import Installation

    installation = Installation.connect(url)
    try:
        rows = _status_rows(installation)
        shown, is_new = installation.database.shown_url, installation.is_new
    finally:
        installation.close()
    if as_json:
        print_json({"url": shown, "exists": not is_new, "plugins": rows})
    else:
        if is_new:
            print_line(f"{shown} doesn't exist yet; storeroom upgrade creates it")
        _print_rows(rows, ["name", "distribution", "version", "state", "database_head", "head"])
    _exit(rows)


@app.command()
def upgrade(
    url: Url = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print what would run, for sqlite3 or psql; run nothing.")] = False,
    no_backup: NoBackup = False,
    as_json: Json = False,
) -> None:
    """Bring the tables of all plugins to where their code is: all of them, or none."""
    from storeroom.installation import Installation

    if sql and as_json:
        raise ConfigurationError("--sql prints a script and --json a report; give one of them")
    with Installation.connect(url, settings=lifecycle.settings(no_backup)) as installation:
        if sql:
            _preview(installation)
            return
        created = installation.is_new
        dump = None if created else _dump_command(installation)
        if not as_json:
            if created:
                print_line(f"creating {installation.database.shown_url}")
            lifecycle.show_dump(dump)
        applied = installation.upgrade()
        rows = _status_rows(installation)
        shown = installation.database.shown_url
    if as_json:
        revisions = [{"plugin": plugin, "revision": revision} for plugin, revision in applied]
        report = {"url": shown, "created": created, "applied": revisions, "plugins": rows, "dump_command": dump}
        print_json(report)
    else:
        for plugin, revision in applied:
            print_line(f"applied {plugin}: {revision}")
        print_line(f"{len(applied)} revision(s) applied" if applied else "everything is at its head", "bold")
        for row in rows:
            if row["state"] not in ("current", "denied"):
                print_error(f"{row['name']} is {row['state']}: {row['detail']}")
    # An orphan is for status to tell: nothing is left to be upgraded.
    _exit([row for row in rows if row["state"] != "orphaned"])


def _dump_command(installation: Any) -> str | None:
    """Return the command that copies the tables of what is pending, where Storeroom writes no back-up itself."""
    from storeroom.lifecycle import dump_of

    with installation.migrating() as database:
        if database.backend.name == "sqlite":
            return None
        return dump_of(database, [each.name for each in installation.status() if each.state == "pending"])


def _preview(installation: Any) -> None:
    from storeroom.lifecycle import preview

    with installation.migrating() as database:
        if database.backend.name == "postgresql":
            print_error("rehearsing in a transaction that is rolled back; its tables are locked meanwhile")
        script = preview(database, installation.registry)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # which is what the script says that it is in
    print(script, end="")


@app.command()
def revision(
    plugin: Annotated[str, typer.Argument(help="The plugin's name.")],
    message: Annotated[str, typer.Option("--message", "-m", help="What changes, in a few words.")],
    url: Annotated[
        str | None,
        typer.Option("--url", help="Compare with this database instead of a scratch one.", show_default=False),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Leave the functions to be written by hand.")] = False,
    as_json: Json = False,
) -> None:
    """Write a plugin's next revision from what its models say that its tables don't, and HEAD."""
    from storeroom.engine import Database, parse_url
    from storeroom.migrations.author import write_revision

    settings = load_settings()
    database = Database.from_url(parse_url(url), settings) if url else None
    try:
        file = write_revision(_discover(settings), plugin, message, settings=settings, database=database, empty=empty)
    finally:
        if database is not None:
            database.close()
    if as_json:
        print_json({"plugin": plugin, "revision": file.stem, "file": str(file)})
    else:
        print_line(f"wrote {file}")
        print_line("look it over: what autogenerate can't see (renames, data) is for you to add")


def _discover(settings: Settings) -> Discovery:
    return discover(allow=settings.allow, deny=settings.deny)


def _status_rows(installation: Any) -> list[dict[str, str | None]]:
    return [
        {
            "name": each.name,
            "distribution": each.distribution,
            "version": each.version,
            "state": str(each.state),
            "head": each.head,
            "database_head": each.database_head,
            "detail": each.detail,
        }
        for each in installation.status()
    ]


def _print_rows(rows: list[dict[str, str | None]], columns: list[str]) -> None:
    print_table(rows, columns)
    for row in rows:
        if row["detail"]:
            print_line(f"{row['name']}: {row['detail']}")


def _exit(rows: list[dict[str, str | None]]) -> None:
    if any(row["state"] not in ("current", "denied") for row in rows):
        raise typer.Exit(ATTENTION)
