"""How long it takes until work can begin: opening a room at head, and the command, as processes of their own."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from os import environ, pathsep
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.databases import SQLITE, Databases
from benchmarks.results import Figure, Results
from benchmarks.sizes import Sizes
from tests.support.plugins import PluginMaker

DOMAINS = ("hooks", "jobs", "profiles", "providers", "standalone", "wanted")
MADE = tuple(f"made{number:02d}" for number in range(20))

_MOST_OVER_IMPORTS = 80.0
_MOST_A_PLUGIN = 3.0
_MOST_OF_A_COMMAND = 400.0

# Importing pydantic itself loads nothing yet.
_IMPORTS = {
    SQLITE: "import sqlite3, sqlalchemy.orm, sqlalchemy.dialects.sqlite, pluggy, pydantic.main",
    "PostgreSQL": "import psycopg, sqlalchemy.orm, sqlalchemy.dialects.postgresql.psycopg, pluggy, pydantic.main",
}
_OPEN = """
import sys, time
start = time.perf_counter()
IMPORTS
imported = time.perf_counter()
from storeroom import Storeroom
url, plugins, upgrade = sys.argv[1:]
with Storeroom.open(url, allow=plugins.split(","), upgrade=bool(upgrade)) as room:
    opened = time.perf_counter()
    current = {each.name for each in room.status() if str(each.state) == "current"}
    assert current >= set(plugins.split(",")), room.status()
print(imported - start, opened - imported)
"""
_COMMANDS: Mapping[str, Sequence[str]] = {
    "bare Python as a process": ["-c", "pass"],
    "Python that imports typer and rich, as a process": ["-c", "import typer, rich"],
    "`storeroom plugins` as a process": ["-m", "storeroom.cli", "plugins"],
}


def measure_opening(databases: Databases, sizes: Sizes, results: Results) -> None:
    """Measure opening at head with six plugins, and with twenty further ones that are made on the spot."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, ExitStack() as stack:
        few, many = (stack.enter_context(databases.create(DOMAINS)).url for _ in range(2))
        make = PluginMaker(Path(folder))
        for name in MADE:
            make(name)
        everything = (*DOMAINS, *MADE)
        _open(databases.kind, many, everything, folder, upgrade=True)
        of_few, of_many = [], []
        for _ in range(sizes.starts):
            of_few.append(_open(databases.kind, few, DOMAINS))
            of_many.append(_open(databases.kind, many, everything, folder))
    imports, opening = (median(times) for times in zip(*of_few, strict=True))
    further = (median(opened for _, opened in of_many) - opening) / len(MADE)
    name = "open at head with 6 plugins"
    results.figures += [
        Figure(f"{name}: the imports before", databases.kind, imports, "ms"),
        Figure(f"{name}: over these imports", databases.kind, opening, "ms", _MOST_OVER_IMPORTS),
        Figure("open at head: each further plugin", databases.kind, further, "ms", _MOST_A_PLUGIN),
    ]


def measure_commands(sizes: Sizes, results: Results) -> None:
    """Measure the command that only looks, beside what any command in Python takes."""
    times: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for number in range(sizes.starts + 1):
        for name, words in _COMMANDS.items():
            start = perf_counter()
            _python(words)
            if number:  # the first writes bytecode
                times[name].append((perf_counter() - start) * 1e3)
    for name, found in times.items():
        goal = _MOST_OF_A_COMMAND if "storeroom" in name else None
        results.figures.append(Figure(name, "", median(found), "ms", goal))


def _open(
    kind: str, url: str, plugins: Sequence[str], folder: str | None = None, *, upgrade: bool = False
) -> tuple[float, float]:
    """Return the milliseconds that the imports took, and opening after them."""
    script = _OPEN.replace("IMPORTS", _IMPORTS[kind])
    output = _python(["-c", script, url, ",".join(plugins), "1" if upgrade else ""], folder)
    imported, opened = map(float, output.split())
    return imported * 1e3, opened * 1e3


def _python(words: Sequence[str], folder: str | None = None) -> str:
    # Without bytecode each process would compile all that it imports.
    variables = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if folder is not None:
        variables["PYTHONPATH"] = pathsep.join(filter(None, [folder, environ.get("PYTHONPATH")]))
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=variables, check=False)
    if done.returncode:
        raise RuntimeError(f"a process that is measured failed: {done.stderr[-2000:]}")
    return done.stdout
