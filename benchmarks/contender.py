"""What a contender is: the work of a workload, done in its own way over a database of its own."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from benchmarks.data import Item, Search
from benchmarks.databases import Database

# What a verb found out, in a form in which all contenders' can be compared; None where a contender can't say.
Answer = Any

RAW = "raw driver"
STOREROOM = "Storeroom"


class NotOfferedError(Exception):
    """A contender has no way of its own for a workload; the text says why, in a few words."""


class Contender:
    """One way to keep the data of the benchmarks; a verb that isn't overridden is one that it doesn't offer.

    It is bound to one database, and keeps one connection, or the pool of its library, open between the verbs. `only`
    names the verbs that a variant of another contender is there for; of the rest nothing is said.
    """

    name: ClassVar[str]
    only: ClassVar[Sequence[str] | None] = None
    lacks: ClassVar[str] = "it has no way of its own for this"

    def __init__(self, database: Database) -> None:
        self.database = database

    def close(self) -> None:
        """Close all connections."""

    def upsert_many(self, items: Iterable[Item]) -> Answer:
        """Upsert the items of a scan in one transaction; return how many were inserted, updated and unchanged."""
        raise NotOfferedError(self.lacks)

    def add_many(self, items: Iterable[Item]) -> Answer:
        """Insert items, all of whose values are given, in one transaction; return how many."""
        raise NotOfferedError(self.lacks)

    def stream(self) -> Answer:
        """Read all items, newest first, with memory that doesn't grow; return how many, and the last one's title."""
        raise NotOfferedError(self.lacks)

    def upsert_each(self, items: Sequence[Item]) -> Answer:
        """Upsert each item in a transaction of its own, and have the row as it is then; count the outcomes."""
        raise NotOfferedError(self.lacks)

    def upsert_together(self, items: Sequence[Item]) -> Answer:
        """Do the same in one transaction, one by one."""
        raise NotOfferedError(self.lacks)

    def search_each(self, searches: Sequence[Search]) -> Answer:
        """Record each search in a transaction of its own, and have the provider's statistics as they are then."""
        raise NotOfferedError(self.lacks)

    def search_together(self, searches: Sequence[Search]) -> Answer:
        """Do the same in one transaction, one by one."""
        raise NotOfferedError(self.lacks)

    def work_jobs(self, paths: Sequence[str]) -> Answer:
        """Create, claim, complete and read a job for each path, each step a transaction; return the last's status."""
        raise NotOfferedError(self.lacks)

    def claim(self, worker: str) -> bool:
        """Claim one job in a transaction of its own; tell whether there was one."""
        raise NotOfferedError(self.lacks)

    def place(self, position: int, size: int) -> Any:
        """Return what `page` needs to go on after so many items; not measured."""
        raise NotOfferedError(self.lacks)

    def page(self, place: Any, size: int) -> Answer:
        """Read a page of items, newest first, in a transaction of its own; return their paths."""
        raise NotOfferedError(self.lacks)

    def summary(self) -> Answer:
        """Count all items by what they are: total, by status, and upgradeable."""
        raise NotOfferedError(self.lacks)
