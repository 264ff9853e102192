"""The plugin's README: its program, its tables, and what processes do that run the worker which it shows."""

import os
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any, NamedTuple

from storeroom_jobs import JobRecord
from tests.docs.snippets import ROOT, blocks

PAGE = "plugins/jobs/README.md"
URL = "sqlite:///app.db"
ENVIRONMENT = {"STOREROOM_ALLOW": "jobs", "STOREROOM_BUSY_TIMEOUT": "60", "STOREROOM_LOCK_TIMEOUT": "60"}

PARTS = ("def work(", "def main(", "def heartbeat(")


def program(url: str) -> Iterator[str]:
    """The blocks of the page, in order, for another database."""
    return (block.replace(URL, url) for block in blocks(PAGE, "python"))


def worker(url: str) -> dict[str, Any]:
    """What the blocks define that show the worker."""
    names: dict[str, Any] = {"__name__": "worker"}
    parts = [block for block in program(url) if any(part in block for part in PARTS)]
    assert len(parts) == len(PARTS)
    for part in parts:
        exec(compile(part, PAGE, "exec"), names)
    return names


def table(heading: str) -> Mapping[str, Sequence[str]]:
    """The rows of the table under a heading, by the name that each begins with."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    section = re.split(r"^##+ ", text.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:3] == "| `"]
    return {re.sub(r"^`(\w+).*", r"\1", name): cells for name, *cells in rows}


class Signals(NamedTuple):
    """What the test and its processes share: `begun` is set in the middle of a job that waits until `go_on` is."""

    together: Barrier
    begun: Event
    go_on: Event


def serve(url: str, lease: timedelta, folder: Path, signals: Signals) -> None:
    """Be the page's worker, with work of ours, and begin when all others are there."""
    os.environ.update(ENVIRONMENT)
    names = worker(url)
    work = names["work"]

    def work_together(*arguments: Any, **options: Any) -> None:
        signals.together.wait(60)
        work(*arguments, **options)

    names.update(LEASE=lease, PAUSE=0.01, work=work_together, translate=partial(translate, folder, signals))
    names["main"]()


def translate(folder: Path, signals: Signals, job: JobRecord) -> dict[str, Any]:
    """Write down who did a job, with the trouble that the job asks for."""
    with (folder / job.id).open("a") as file:
        file.write(f"{os.getpid()}\n")
    trouble = (job.context or {}).get("trouble")
    if trouble == "raises" and job.attempts == 1:
        raise OSError("no network")
    if trouble == "kills" and job.attempts == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if trouble == "waits":
        signals.begun.set()
        assert signals.go_on.wait(60)
    return {"output_path": f"{job.file_path}.ass", "source_format": "ass"}
