"""How many of Python's instructions some work takes.

They are the same on every machine with the same minor version of Python and the same packages: what is written in C
counts nothing, and no clock is asked. Work is done three times before, so that all that is built once is.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions(work: Callable[[], object]) -> int:
    """Return how many instructions Python runs for some work."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        if event == "opcode":
            count += 1
        elif event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def warm(work: Callable[[], object]) -> int:
    """Return how many instructions some work takes the fourth time."""
    for _ in range(3):
        work()
    return instructions(work)


def each(work: Callable[[int], object], few: int, many: int) -> float:
    """Return how many instructions each one more takes, of many in place of few."""
    return round((warm(lambda: work(many)) - warm(lambda: work(few))) / (many - few), 1)
