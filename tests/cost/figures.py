"""The recorded figures, in figures.json, and what is measured now."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from psycopg import pq

from storeroom import Storeroom
from tests.cost.measuring import PLUGINS

FILE = Path(__file__).with_name("figures.json")
ROOT = Path(__file__).resolve().parents[2]
SLACK = 0.15
COMMAND = ".venv/bin/python -m tests.cost"

Figures = Mapping[str, float]


def recorded() -> Mapping[str, Figures]:
    """Return the recorded figures of each database."""
    found: Mapping[str, Figures] = json.loads(FILE.read_text(encoding="utf-8"))["figures"]
    return found


def differs() -> str | None:
    """Tell what is other here than where the figures were recorded, so that they say nothing; None where nothing is."""
    there = json.loads(FILE.read_text(encoding="utf-8"))["with"]
    found = [f"{name} {has}, not {there[name]}" for name, has in circumstances().items() if has != there[name]]
    return f"the figures are of another interpreter or driver: {'; '.join(found)}" if found else None


def circumstances() -> Mapping[str, str]:
    """Return what the figures depend on, beside the packages that constraints.txt pins."""
    return {
        "python": f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        "psycopg": pq.__impl__,
    }


def write(figures: Mapping[str, Figures]) -> None:
    """Record figures."""
    text = json.dumps({"with": circumstances(), "figures": figures}, indent=2)
    FILE.write_text(f"{text}\n", encoding="utf-8")


def measured(url: str) -> Figures:
    """Measure on an empty database, in a process of its own, which nobody traces."""
    Storeroom.open(url, allow=PLUGINS, strict=True, upgrade=True).close()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "STOREROOM_"))}
    run = subprocess.run(
        [sys.executable, "-m", "tests.cost.measuring", url],
        cwd=ROOT,
        env=inherited,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: Figures = json.loads(run.stdout.splitlines()[-1])
    return found


def off(known: Figures, found: Figures) -> Iterator[str]:
    """Yield each figure that is off, with both values."""
    for name in [*known, *(name for name in found if name not in known)]:
        before, now = known.get(name), found.get(name)
        if before is None or now is None or abs(now - before) > SLACK * before:
            yield f"{name}: {_shown(now)}, recorded {_shown(before)}"


def _shown(figure: float | None) -> str:
    return "none" if figure is None else f"{figure:,}"
