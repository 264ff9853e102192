"""Measures what Python does, in a process of its own: `python -m tests.cost.measuring URL` prints the figures as JSON.

The database is at head, and empty. Other tests, and what measures their coverage, change nothing here.
"""

import json
import sys
from collections.abc import Mapping
from importlib import import_module

from tests.cost.counting import warm

PLUGINS = ("hooks", "jobs", "profiles", "providers", "standalone", "wanted")

_BEFORE = frozenset(sys.modules)


def measure(url: str) -> Mapping[str, float]:
    """Return the figures by their names."""
    from storeroom import Storeroom

    def open_room() -> Storeroom:
        # Not discovered, which takes more the more distributions there are.
        modules = {name: import_module(f"storeroom_{name}.plugin") for name in PLUGINS}
        return Storeroom.open(url, plugins=modules, discover=False, strict=True)

    with open_room() as room:
        figures: dict[str, float] = {"modules that opening imports": len(set(sys.modules) - _BEFORE)}
        figures["opening, with all imported"] = warm(lambda: open_room().close())

        from tests.cost import work  # which imports the plugins

        work.fill(room)
        figures |= work.figures(room)
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))  # the answer
