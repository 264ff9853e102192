"""The command `storeroom`."""

import sys


def main() -> None:
    """Run the command line; without the extra `cli`, say what to install."""
    try:
        from storeroom.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        print("storeroom: the command line needs typer and rich; pip install 'storeroom[cli]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run())
