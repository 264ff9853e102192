"""Which pages are generated, by what, and which of them aren't as the code has them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.reference import commands, domains, errors, hooks, settings

ROOT = Path(__file__).resolve().parents[2]

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands.page,
    "docs/reference/domains.md": domains.page,
    "docs/reference/errors.md": errors.page,
    "docs/reference/hooks.md": hooks.page,
    "docs/reference/settings.md": settings.page,
}


def changed() -> Mapping[str, str]:
    """Return the pages that have to be written anew, by their path."""
    made = {path: page() for path, page in PAGES.items()}
    return {path: text for path, text in made.items() if _written(ROOT / path) != text}


def _written(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
