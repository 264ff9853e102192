"""One order for everything that depends on other things: what is needed first, then by rank."""

from collections.abc import Callable, Collection, Hashable, Mapping
from graphlib import TopologicalSorter
from heapq import heapify, heappop, heappush
from typing import Any, TypeVar

NodeT = TypeVar("NodeT", bound=Hashable)


def dependency_order(needs: Mapping[NodeT, Collection[NodeT]], rank: Callable[[NodeT], Any]) -> list[NodeT]:
    """Return the nodes so that each comes after all it needs, and otherwise in the order of their ranks.

    Kahn's algorithm with a heap: of the nodes that could come next, the one of the lowest rank does. Ranks must
    differ. Raises graphlib.CycleError.
    """
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ready = [(rank(node), node) for node in sorter.get_ready()]
    heapify(ready)
    ordered = []
    while ready:
        _, node = heappop(ready)
        ordered.append(node)
        sorter.done(node)
        for freed in sorter.get_ready():
            heappush(ready, (rank(freed), freed))
    return ordered
