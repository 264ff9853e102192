"""What operations need of the room that they work in."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from storeroom.registry import Registry
from storeroom.unitofwork import UnitOfWork

T = TypeVar("T")


class Room(Protocol):
    """A database and the plugins in use."""

    @property
    def registry(self) -> Registry:
        """The plugins in use."""
        ...

    def read(self) -> UnitOfWork:
        """Return a reading unit of work."""
        ...

    def run(self, work: Callable[[UnitOfWork], T]) -> T:
        """Call `work` with a writing unit of work, again after a conflict."""
        ...

    def drain(self, work: Callable[[UnitOfWork], int]) -> int:
        """Run `work` until it returns 0, and return the sum."""
        ...
