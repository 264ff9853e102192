"""Processes of the tests: one that restores and is killed on the way, and one that reads all the while."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storeroom.backups import restore
from tests.backups.databases import connected, look, opened

_ROOT = str(Path(__file__).parents[2])


def restore_until(file: str, source: str, moment: int, pages: int) -> list[int]:
    """Restore in steps of so many pages, and die at a moment: each step has one before and one after its callback.

    The first is that when the lock was just had; after the second the automatic back-up is there. The last two follow
    the commit. Returns how many moments there were.
    """
    moments = 0

    def pass_moment() -> None:
        nonlocal moments
        if moments == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        moments += 1

    class Mortal(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **options: Any) -> None:
            proceed = options["progress"]

            def step(*facts: int) -> None:
                pass_moment()
                proceed(*facts)
                pass_moment()

            super().backup(target, pages=pages, progress=step)

    _connect_with(Mortal)
    with opened(Path(file)) as database:
        restore(database, Path(source))
    return [moments]


def restore_for(file: str, source: str, microseconds: int) -> list[int]:
    """Restore, and be ended by the system after a time, wherever that is; nothing of ours runs then."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with opened(Path(file)) as database:
        signal.setitimer(signal.ITIMER_REAL, microseconds / 1_000_000)
        restore(database, Path(source))
        signal.setitimer(signal.ITIMER_REAL, 0)
    return []


def _connect_with(factory: type[sqlite3.Connection]) -> None:
    usual: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        return usual(*args, factory=factory, **options)

    sqlite3.connect = connect  # type: ignore[assignment]  # in place of the module's


class Reader:
    """A process that has the database open for as long as the test runs, and looks when it is asked to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def look(self) -> Sequence[object]:
        """What its connection sees."""
        return self._ask("look")

    def begin(self) -> Sequence[object]:
        """Begin a transaction that reads, and say what it sees."""
        return self._ask("begin")

    def end(self) -> Sequence[object]:
        """Say what the transaction still sees, and end it."""
        return self._ask("end")

    def _ask(self, command: str) -> Sequence[object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        answer: Sequence[object] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def reading(file: Path) -> Iterator[Reader]:
    """Start a process that reads a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from tests.backups.processes import serve; serve(sys.argv[1])", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([_ROOT, os.environ.get("PYTHONPATH", "")])},
    )
    try:
        yield Reader(process)
    finally:
        process.communicate(timeout=10)


def serve(file: str) -> None:
    with connected(Path(file)) as connection:
        for line in sys.stdin:
            command = line.strip()
            if command == "begin":
                connection.execute("BEGIN")
            seen = look(connection)
            if command == "end":
                connection.execute("COMMIT")
            print(json.dumps(seen), flush=True)
