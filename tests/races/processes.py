"""Real processes for races, which start within milliseconds: forked from a server that has imported what they need."""

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import Any

context = get_context("forkserver")
context.set_forkserver_preload(["tests.core.tables", "storeroom.room", "psycopg"])


def run_together(count: int, work: Callable[..., None], *arguments: Any) -> Sequence[int | None]:
    """Run `work(*arguments, barrier)` in so many processes; return their exit codes."""
    barrier = context.Barrier(count)
    processes = [context.Process(target=work, args=(*arguments, barrier)) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]
