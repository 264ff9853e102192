"""Docstrings and tables as Markdown."""

import inspect
import re
from collections.abc import Sequence

NOTE = "<!-- Written by `python3 dev.py docs --write` from the code; change it there. -->"


def document(title: str, *parts: str) -> str:
    """Return a page: its title, where it comes from, and its parts, with a blank line between them."""
    return "\n\n".join([f"# {title}", NOTE, *(part.strip("\n") for part in parts)]) + "\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell doesn't end it."""
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def paragraphs(documented: object) -> Sequence[str]:
    """Return the paragraphs of a docstring, each on one line; lists and indented code keep theirs."""
    blocks = re.split(r"\n\n(?!\s)", inspect.getdoc(documented) or "")
    return [block if re.search(r"^(    |- )", block, re.MULTILINE) else " ".join(block.split()) for block in blocks]


def code(text: str, language: str = "python") -> str:
    """Return a fenced block."""
    return f"```{language}\n{text.strip(chr(10))}\n```"
