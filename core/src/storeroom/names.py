"""The naming rules that keep plugins out of each other's way."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

CORE_PLUGIN = "storeroom"

# No underscore, so that `<name>_` is nobody else's prefix.
PLUGIN_NAME = re.compile(r"[a-z][a-z0-9]*")

# `<plugin>`, or `<plugin>.<part>`.
REPOSITORY_NAME = re.compile(rf"({PLUGIN_NAME.pattern})(\.[a-z][a-z0-9_]*)?")


def owns(plugin: str, name: str) -> bool:
    """Tell whether a table's name is the plugin's to take: the plugin's own name, or `<plugin>_…`."""
    return name == plugin or name.startswith(f"{plugin}_")


def owns_part(plugin: str, name: str) -> bool:
    """Tell whether a name of the form `<plugin>` or `<plugin>.<part>` is the plugin's to take."""
    match = REPOSITORY_NAME.fullmatch(name)
    return match is not None and match[1] == plugin


def suggestion(word: str, possibilities: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return `; did you mean 'x'?` for a word that is close to one of the possibilities, or nothing."""
    close = get_close_matches(word, list(possibilities), n=1, cutoff=cutoff)
    return f"; did you mean {close[0]!r}?" if close else ""
