"""Docstrings, tables and code as Markdown."""

import inspect
import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell doesn't end it."""
    lines = [heads, ["---"] * len(heads), *([re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def paragraphs(documented: object) -> Sequence[str]:
    """Return the paragraphs of a docstring, each on one line; lists and indented code keep theirs."""
    blocks = re.split(r"\n\n(?!\s)", inspect.getdoc(documented) or "")
    return [block if re.search(r"^(    |- )", block, re.MULTILINE) else " ".join(block.split()) for block in blocks]


def first_sentence(documented: object) -> str:
    """Return the first sentence of a docstring, on one line; empty where there is none."""
    first = " ".join(paragraphs(documented)[0].split())
    return re.split(r"(?<=[.!?])\s", first, maxsplit=1)[0]


def code(text: str, language: str = "python") -> str:
    """Return a fenced block."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def plain(text: str) -> str:
    """Return text that isn't Markdown on one line, so that it is shown as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def listed(names: Sequence[str]) -> str:
    """Return names as code, with commas; a dash where there are none."""
    return ", ".join(f"`{name}`" for name in names) or "–"
