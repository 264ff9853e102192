"""The page on the command line, as typer documents it."""

import html
import subprocess
import sys

import typer

from storeroom.cli.app import app
from storeroom.reference.markdown import table
from tools.reference.documents import document

_TOP = """
`storeroom` comes with the extra `cli`: `pip install 'storeroom[cli]'`; `python -m storeroom.cli` is the same.
Commands that need a database take `--url`, and without it STOREROOM_URL. What they report, they report with `--json`
for programs. A plugin may bring commands of its own, under its name: `storeroom PLUGIN --help`.

| exit code | means |
|---|---|
| 0 | all is well |
| 1 | something needs attention, or went wrong |
| 2 | wrong usage: a word, a setting or a URL that can't be used |

An error is one line on standard error, which ends with what to do. [Migrations](../migrations.md) and
[operating](../operations.md) show the commands at work.
"""


def page() -> str:
    """Return the page."""
    _head, *sections = _typers_own().split("\n## ")
    return document("Commands", _TOP, _summary(), *(f"## {section}" for section in sections))


def _summary() -> str:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group's
    first = {name: (each.help or "").partition("\n\n")[0].strip() for name, each in commands.items()}
    return table(["command", "does"], [[f"[`{name}`](#storeroom-{name})", does] for name, does in first.items()])


def _typers_own() -> str:
    words = [sys.executable, "-m", "typer", "storeroom.cli.app", "utils", "docs", "--name", "storeroom"]
    written = subprocess.run(words, capture_output=True, text=True, check=True, encoding="utf-8").stdout
    return html.unescape(written)
