"""The page on the domains' repositories, written as `storeroom docs` writes that of an installation."""

from storeroom.discovery import discover
from storeroom.reference.pages import GENERIC, generic_section
from storeroom.reference.repositories import repository_section
from storeroom.registry import build_registry
from tools.reference.documents import document

DOMAINS = ("jobs", "wanted", "profiles", "providers", "hooks", "standalone")

_TOP = """
Every repository of the six domains with its verbs: how each is called, and what it does, in a sentence. What is
promised, and screens of code, are in each domain's own page. The same for what *you* have installed, with its tables
and hooks, is written by `storeroom docs`.
"""


def page() -> str:
    """Return the page."""
    plugins = build_registry(discover(allow=DOMAINS), strict=True).plugins
    parts = [_TOP]
    for name in DOMAINS:
        parts.append(f"## {name}\n\n[storeroom-{name}](../../plugins/{name}/README.md)")
        parts += [repository_section(each, 3, f"#{GENERIC}") for each in plugins[name].manifest.repositories]
    return document("Repositories of the domains", *parts, generic_section(2))
