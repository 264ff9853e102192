"""Real processes, at the price of a fork: children of one process that has imported everything already.

They are not forked from pytest's own, since that one has threads.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import TracebackType
from typing import Any, Self

KILLED = -signal.SIGKILL

# Imported before the forks, and so once.
_WARM = ("psycopg", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "storeroom.migrations.upgrading")
_ROOT = str(Path(__file__).parents[2])


class Forker:
    """A warm process that forks on demand. Everything that goes in and out of it must fit into JSON."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.migrations.forks import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([_ROOT, os.environ.get("PYTHONPATH", "")])},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=10)

    def at_once(self, site: Path, function: Callable[..., Any], calls: Sequence[Sequence[object]]) -> list[Any]:
        """Make each call of a module's function in a child of its own, all starting at the same moment.

        `site` is where they find their plugins. Returns, in order, what each call returned, the text of what it
        raised, or the negative number of the signal that killed it.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = [str(site), function.__module__, function.__name__, calls]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        outcomes: list[Any] = json.loads(self._process.stdout.readline())
        return outcomes


def serve() -> None:
    for name in _WARM:
        import_module(name)
    sys.dont_write_bytecode = True  # of what is made on the spot: see the fixture `site`
    for line in sys.stdin:
        site, module, name, calls = json.loads(line)
        outcomes = _fork(site, getattr(import_module(module), name), calls)
        print(json.dumps(outcomes), flush=True)


def _fork(site: str, function: Callable[..., Any], calls: Sequence[Sequence[object]]) -> list[Any]:
    waits, starts = os.pipe()
    children = []
    for arguments in calls:
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(starts)
            sys.path.insert(0, site)
            invalidate_caches()
            os.read(waits, 1)  # returns when the parent closes its end
            os.write(writes, json.dumps(_outcome(function, arguments)).encode())
            os._exit(0)
        os.close(writes)
        children.append((child, reads))
    os.close(waits)
    os.close(starts)
    return [_collect(child, reads) for child, reads in children]


def _outcome(function: Callable[..., Any], arguments: Sequence[object]) -> Any:
    try:
        return function(*arguments)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def _collect(child: int, reads: int) -> Any:
    with os.fdopen(reads) as output:
        text = output.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else os.waitstatus_to_exitcode(status)
