"""Memory doesn't grow with the number of items: a fresh process reads them from a generator, call after call."""

import resource
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection as Pipe
from typing import Any

import pytest

from storeroom import UnitOfWork
from storeroom.testing.processes import context
from tests.bulk.tables import Samples, clear
from tests.sql.model import Row
from tests.sql.tables import open_room

ALLOWED = 64.0  # MiB


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


class Calls:
    """The calls that are measured, each of so many items, whose texts have so many characters."""

    def __init__(self, uow: UnitOfWork, count: int, width: int) -> None:
        self._uow, self._count, self._width = uow, count, width

    def __iter__(self) -> Iterator[Callable[[], Any]]:
        yield from (self.add, self.upsert, self.upsert_again, self.delete)

    def add(self) -> None:
        assert Samples(self._uow).add_many(self._items(self._count)) == self._count

    def upsert(self) -> None:
        """No key occurs twice; half of the rows are changed."""
        outcomes = Samples(self._uow).upsert_many(self._items(self._count, change=2))
        assert (outcomes.count("updated"), outcomes.count("unchanged")) == (self._count // 2, self._count // 2)

    def upsert_again(self) -> None:
        """All keys occur twice, half of them right after the first time."""
        outcomes = Samples(self._uow).upsert_many(self._twice())
        assert outcomes.count("inserted") == self._count // 2
        assert outcomes.count("unchanged") == self._count // 2

    def delete(self) -> None:
        assert Samples(self._uow).delete_many(range(-self._count, 0)) == self._count

    def _items(self, count: int, change: int = 1) -> Iterator[Row]:
        for number in range(count):
            note = f"{number % change}{number:07}".ljust(self._width, "x")
            yield {
                "id": number - count,
                "path": f"path {number}",
                "language": "de",
                "note": note,
                "body": {"a": number},
            }

    def _twice(self) -> Iterator[Row]:
        half = self._count // 2
        for number, item in enumerate(self._items(half)):
            yield from [item | {"id": number + 1, "language": None}] * (1 + number % 2)
        for number, item in enumerate(self._items(half)):
            if not number % 2:
                yield item | {"id": number + 1, "language": None}


def measure(url: str, count: int, width: int, pipe: Pipe) -> None:
    """Make the calls, each in a transaction of its own, and tell by how much each has raised the peak."""
    with open_room(url) as room:
        with room.write() as uow:
            for call in Calls(uow, 2000, width):
                call()
            clear(uow)
        before, grown = peak(), {}
        with room.write() as uow:
            for call in Calls(uow, count, width):
                call()
                grown[call.__name__] = peak() - before
            clear(uow)
    pipe.send(grown)


@pytest.mark.dear
@pytest.mark.timeout(900)
def test_a_call_takes_no_more_for_more_items(bulk_url: str, request: pytest.FixtureRequest) -> None:
    """Items of 90 MB in each call, of which a part is held at a time; with --full a million smaller ones."""
    count, width = (1_000_000, 100) if request.config.getoption("--full") else (32_000, 2000)
    ours, theirs = context.Pipe()
    process = context.Process(target=measure, args=(bulk_url, count, width, theirs))
    process.start()
    process.join()
    assert process.exitcode == 0
    grown: dict[str, float] = ours.recv()
    assert len(grown) == 4
    assert max(grown.values()) < ALLOWED, grown
