"""Real processes for tests: several at once, held together by a barrier, and one that is killed where it says."""

import os
from collections.abc import Callable, Sequence
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, cast

_PATIENCE = 60.0

# Forked from a server that has imported what they need, they start within milliseconds, and share no connection.
_FORKSERVER = "forkserver" in get_all_start_methods()
context: Any = get_context("forkserver" if _FORKSERVER else "spawn")
if _FORKSERVER:
    context.set_forkserver_preload(["storeroom.room", "storeroom.testing.processes", "psycopg"])


def run_together(count: int, work: Callable[..., object], *arguments: Any) -> Sequence[int | None]:
    """Run `work(*arguments, barrier)` in so many processes at once, and return their exit codes: 0 where all went well.

    `work` is a function of a module, and the arguments can be pickled. `barrier.wait(60)` in each lets all go on
    together.
    """
    barrier = context.Barrier(count)
    processes = [context.Process(target=work, args=(*arguments, barrier)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


class Here:
    """Called in a process that `kill_at` started, it is where the process ends."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def __call__(self) -> None:
        """Tell that the place is reached, and wait to be killed."""
        self._pipe.send(os.getpid())
        self._pipe.recv()  # which never comes


def kill_at(work: Callable[..., object], *arguments: Any) -> None:
    """Run `work(*arguments, here)` in a process, and kill it, as `kill -9` does, when it calls `here()`.

    Raises AssertionError when it ends before it comes there.
    """
    ours, theirs = context.Pipe()
    process = cast("BaseProcess", context.Process(target=work, args=(*arguments, Here(theirs))))
    process.start()
    theirs.close()  # so that the pipe ends with the process
    try:
        if not ours.poll(_PATIENCE):
            raise AssertionError(f"{work.__qualname__} hasn't called here() after {_PATIENCE:.0f} seconds; call it")
        ours.recv()
    except EOFError:
        process.join()
        raise AssertionError(
            f"{work.__qualname__} ended with exit code {process.exitcode} before it called here(); its output says why"
        ) from None
    finally:
        process.kill()
        process.join()
        ours.close()
