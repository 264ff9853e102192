"""What several commands share: options and exit codes."""

from typing import Annotated

import typer

ATTENTION = 1
WRONG_USAGE = 2

Url = Annotated[
    str | None,
    typer.Option("--url", help="Database URL; without it, STOREROOM_URL.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without being asked.")]
NoBackup = Annotated[bool, typer.Option("--no-backup", help="Write no back-up of a SQLite database first.")]
