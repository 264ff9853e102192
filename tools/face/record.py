"""The record of the public face: what it says now, and how that differs from what was recorded."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tools.face import names, surfaces

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "reference" / "face.txt"
COMMAND = "python3 dev.py face --write"

_HEAD = """\
# The public face of Storeroom's core, one line a thing: what docs/compatibility.md makes promises about.
# Written by `{command}`; a test compares it, so that a change of the face is a decision.
"""
_SECTIONS: Mapping[str, Callable[[], Iterator[str]]] = {
    "Names that programs and plugins import": names.names,
    "Hooks that plugins implement": surfaces.hooks,
    "Settings": surfaces.settings,
    "Commands": surfaces.commands,
    "Fixtures and options of storeroom.testing": lambda: iter([*sorted(names.fixtures()), *surfaces.test_options()]),
    "The ledger, as PostgreSQL has it": surfaces.ledger,
}


def text() -> str:
    """Return the face as it is now."""
    parts = ["\n".join([f"## {title}", *lines(), ""]) for title, lines in _SECTIONS.items()]
    return "\n".join([_HEAD.format(command=COMMAND), *parts])


def differences() -> Sequence[str]:
    """Return the lines that went, with a `-`, and those that are new, with a `+`; none where all is as recorded."""
    recorded = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    changed = difflib.unified_diff(recorded.splitlines(), text().splitlines(), "recorded", "now", n=0, lineterm="")
    return [line for line in changed if line.startswith(("-", "+")) and not line.startswith(("---", "+++"))]


def write() -> None:
    """Record the face as it is now."""
    FILE.write_text(text(), encoding="utf-8")
