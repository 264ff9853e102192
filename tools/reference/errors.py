"""The page on errors, from the classes of `storeroom.errors`: what happened, what to do, and which facts it carries."""

import inspect
import re
from collections.abc import Sequence

from storeroom import errors
from storeroom.errors import StoreroomError
from storeroom.reference.markdown import code, paragraphs
from tools.reference.documents import document

CURE = "Cure: "

_TOP = """
Every error that Storeroom raises is in `storeroom.errors`, and hangs on one tree. Its text ends with what to do; its
facts are attributes, so that no program has to read texts; and all of them can be pickled. Where a database or a
plugin raised first, that error is the `__cause__`.
"""
_DATABASE = """
Database errors are told apart by SQLSTATE and constraint, or by SQLite's error name, never by their text. [Using
Storeroom](../using.md#errors) shows how to catch them.
"""


def classes() -> Sequence[type[StoreroomError]]:
    """Return every class of errors, in the order of the tree that is drawn in the docstring of `storeroom.errors`."""
    drawn = re.findall(r"─ (\w+)", errors.__doc__ or "")
    return [StoreroomError, *(getattr(errors, name) for name in drawn)]


def cure(error: type[StoreroomError]) -> str | None:
    """Return what a class's docstring says to do."""
    return next((each.removeprefix(CURE) for each in paragraphs(error) if each.startswith(CURE)), None)


def page() -> str:
    """Return the page."""
    tree = (errors.__doc__ or "").partition("\n\n")[2].rpartition("\n\n")[0]
    return document("Errors", _TOP, code(tree, "text"), _DATABASE, *map(_section, classes()))


def _section(error: type[StoreroomError]) -> str:
    # What hangs on the root begins a part of the page.
    level = "##" if error is StoreroomError or StoreroomError in error.__bases__ else "###"
    causes = [each for each in paragraphs(error) if not each.startswith(CURE)]
    parts = [f"{level} {error.__name__}", *causes, f"**What to do:** {cure(error)}"]
    facts = " ".join(filter(None, [_kind(error), _facts(error)]))
    return "\n\n".join([*parts, *([facts] if facts else [])])


def _kind(error: type[StoreroomError]) -> str:
    names = [
        f"[{each.__name__}](#{each.__name__.lower()})" if issubclass(each, StoreroomError) else f"`{each.__name__}`"
        for each in error.__bases__
        if each not in (StoreroomError, Exception)
    ]
    return f"Subclass of {' and '.join(names)}." if names else ""


def _facts(error: type[StoreroomError]) -> str:
    names = [name for each in reversed(error.__mro__) for name in inspect.get_annotations(each)]
    return f"Facts: {', '.join(f'`{name}`' for name in names)}." if names else ""
