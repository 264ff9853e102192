"""The page on hooks, from the specifications of core and their docstrings."""

from collections.abc import Callable, Mapping
from textwrap import dedent
from typing import Any

from storeroom import hookspecs
from storeroom.reference.markdown import code, paragraphs
from storeroom.reference.signatures import shown_signature
from tools.reference.documents import document

_TOP = """
What a plugin may do beside bringing tables and repositories. It implements a hook by a function of the same name in
the module that its entry point names, decorated with `@hookimpl`. Core calls the implementations one plugin at a
time, requirements first, then by name; what one of them raises is reported under its plugin's name, and the others'
results stand. An implementation may leave out arguments that it doesn't need. Wrappers are refused, and so is a name
that nobody specifies: the plugin is [quarantined](../plugins.md#quarantine).

The examples run in the tests, as one plugin. For hooks that plugins bring for each other, see [writing a
plugin](../plugins.md#hooks).
"""


def specified() -> Mapping[str, Callable[..., Any]]:
    """Return core's hooks by name, in the order of their source."""
    return {name: each for name, each in vars(hookspecs).items() if hasattr(each, "storeroom_spec")}


def example(hook: Callable[..., Any]) -> str:
    """Return the code of a hook's example."""
    return _split(hook)[1]


def page() -> str:
    """Return the page."""
    return document("Hooks", _TOP, *(_section(name, hook) for name, hook in specified().items()))


def _section(name: str, hook: Callable[..., Any]) -> str:
    text, shown = _split(hook)
    return "\n\n".join([f"## {name}", code(f"{name}{shown_signature(hook)}"), text, code(shown)])


def _split(hook: Callable[..., Any]) -> tuple[str, str]:
    """Return what a docstring says, and the indented code at its end."""
    says: list[str] = []
    shown: list[str] = []
    for paragraph in paragraphs(hook):
        first, _, rest = paragraph.partition("\n\n")
        says.append(first)
        shown += [rest] if rest else []
    (only,) = shown
    return "\n\n".join(says), dedent(only)
