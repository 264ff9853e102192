"""The command `storeroom new`."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from storeroom.cli.options import Json
from storeroom.cli.output import print_json, print_line
from storeroom.errors import ExtraMissing

DEFAULT_NAME = "shelf"
DEFAULT_FIELDS = "title:text! note:text?"


def new(
    name: Annotated[
        str | None, typer.Argument(help="The plugin's name: lower-case letters and digits.", show_default=False)
    ] = None,
    *,
    model: Annotated[
        str | None, typer.Option("--model", help="The first model, as Book or BookCopy.", show_default=False)
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(
            "--fields",
            help="Its fields, as 'title:text! pages:integer?': ? may be empty, ! is the key that upserts go by; "
            "text, integer, number, boolean, time, json.",
            show_default=False,
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--license", help="MIT, Apache-2.0, BSD-3-Clause or proprietary.", show_default=False),
    ] = None,
    holder: Annotated[str | None, typer.Option("--holder", help="Who holds the copyright.", show_default=False)] = None,
    into: Annotated[Path, typer.Option("--into", help="The folder to make storeroom-NAME in.")] = Path(),
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing: take the default of what isn't given.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a new plugin's distribution, with its first model, its revision and tests; asks for what isn't given."""
    from storeroom.cli.new.writing import write

    given = {"NAME": name, "--model": model, "--fields": fields, "--license": licence, "--holder": holder}
    render = _renderer()  # before anything is asked in vain
    plan, target = _plan(given, into, takes_defaults=defaults)
    write(render(plan), target)
    commands = [f"cd {quote(str(target))}", "pip install -e '.[test]'", "pytest"]
    if as_json:
        print_json({"name": plan.name, "folder": str(target), "revision": plan.revision, "next": commands})
        return
    print_line(f"wrote {target}", "green")
    print_line("next:")
    for command in commands:
        print_line(f"    {command}")


def _plan(given: dict[str, str | None], into: Path, *, takes_defaults: bool) -> tuple[Any, Path]:
    """Find out what is to be written, and where."""
    from storeroom.cli.new import names
    from storeroom.cli.new.asking import Asker
    from storeroom.cli.new.fields import KINDS, parse_fields
    from storeroom.cli.new.plan import LICENSES, Plan, checked_license, default_holder
    from storeroom.cli.new.writing import checked_target

    def free(text: str) -> tuple[str, Path]:
        name = names.checked_name(text)
        return name, checked_target(into, f"storeroom-{name}")

    ask = Asker(given, takes_defaults).answer
    name, target = ask("NAME", "Name of the plugin", names.free_name(DEFAULT_NAME), free)
    model = ask("--model", "First model", names.model_for(name), names.checked_model)
    kinds = ", ".join(KINDS)
    hint = f"Fields are name:type, with ? where it may be empty, or ! where it belongs to the key; types: {kinds}."
    fields = ask("--fields", "Fields", DEFAULT_FIELDS, partial(parse_fields, table=name), hint)
    licence = ask("--license", f"Licence ({', '.join(LICENSES)})", LICENSES[0], checked_license)
    holder = ask("--holder", "Holder of the copyright", default_holder(name), names.checked_holder)
    return Plan(name, model, fields, licence, holder, datetime.now(UTC).year), target


def _renderer() -> Any:
    try:
        from storeroom.cli.new.rendering import render
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        raise ExtraMissing("storeroom new needs jinja2; pip install 'storeroom[cli]'", extra="cli") from error
    return render
