"""What a plugin's hooks give to core's operations: findings about its data, and what of it gets old."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from storeroom.repository import Work


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs attention, and what to do about it."""

    problem: str
    cure: str

    @classmethod
    def of_few(cls, what: str, named: Sequence[str], total: int, cure: str) -> Self:
        """Return the finding about so many rows, of which a few are named: "dead jobs: 3 ('a', 'b' and 1 more)"."""
        more = total - len(named)
        return cls(f"{what}: {total:,} ({', '.join(named)}{f' and {more:,} more' if more else ''})", cure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Rows of one kind that are not kept for ever.

    - `name`: the plugin's name, or `<plugin>.<part>`: what an operator calls them, as in `--age jobs=30d`
    - `rows`: what they are, for people, in the plural: "finished jobs"
    - `age`: how old they get unless the operator says otherwise; of what expires, how long after that
    - `count(uow, before)`: how many there are that a prune would delete; it reads only
    - `prune(uow, before, limit)`: delete at most `limit` of them, the oldest first, and return how many
    """

    name: str
    rows: str
    age: timedelta
    count: Callable[[Work, datetime], int]
    prune: Callable[[Work, datetime, int], int]
