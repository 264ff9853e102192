"""What a plugin's hooks give to core's operations: findings about its data, and what of it gets old."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storeroom.repository import Work


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that needs attention, and what to do about it."""

    problem: str
    cure: str


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
