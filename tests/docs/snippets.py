"""The fenced blocks of the project's pages."""

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *(str(file.relative_to(ROOT)) for file in sorted((ROOT / "docs").rglob("*.md")))]

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^)#]+)\)")


def blocks(page: str, language: str) -> Sequence[str]:
    """Return the page's blocks in one language, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [match["code"] for match in _BLOCK.finditer(text) if match["language"] == language]


def links(page: str) -> Sequence[str]:
    """Return where the page's links go."""
    return [match["target"] for match in _LINK.finditer((ROOT / page).read_text(encoding="utf-8"))]
