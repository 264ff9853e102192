"""What is asked of a domain's tables, and what it should take: the words of this folder's lists."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storeroom import UnitOfWork
from tests.support.dialects import spelled

Ask = Callable[[UnitOfWork], object]

FEW, MANY = 1_000, 200_000

SECONDS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {start}, printf('%+d seconds', {seconds}))",
    "postgresql": "({start} + make_interval(secs => {seconds}))",
}
START = {"sqlite": "'2024-01-01'", "postgresql": "timestamptz '2024-01-01 00:00+00'"}
NOW = {"sqlite": "'now'", "postgresql": "now()"}


@dataclass(frozen=True)
class Words:
    """The words of a database in which the filling of a table is said."""

    url: str
    rows: int

    @property
    def numbers(self) -> str:
        """A common table of the numbers `n` from 0 on, one for each row."""
        return (
            "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers "
            f"WHERE n < {self.rows - 1}) "  # a number
        )

    def after_start(self, seconds: str) -> str:
        """A time so many seconds after the start of 2024."""
        return self._seconds(START, seconds)

    def from_now(self, seconds: str) -> str:
        """A time so many seconds from now."""
        return self._seconds(NOW, seconds)

    def _seconds(self, start: Mapping[str, str], seconds: str) -> str:
        return spelled(self.url, **SECONDS).format(start=spelled(self.url, **start), seconds=seconds)


@dataclass(frozen=True)
class Asked:
    """A query, and the indexes of which any fits; without one, any that keeps the work within bounds.

    What is `hot` is asked most often, and takes as much in a table of a thousand rows.
    """

    ask: Ask
    by: Collection[str] = ()
    hot: bool = False


@dataclass(frozen=True)
class Domain:
    """A plugin's tables as they are filled, and what is asked of them.

    - `fill` returns the statements that give each large table so many rows
    - `small` are the tables that are small by nature, which may be read as a whole; each with the reason
    - `verbs` are the plugin's own, named `repository.verb` and, after a space, what it is asked for
    - `unasked` are its verbs that find no rows, or that are given in other words; each with the reason
    - `values` has a value for each filter of each repository
    - `keys` has a primary key of a row in each
    - `unindexed` names the filters that no index serves, each with the reason: pages of them are read by the order
    - `accepted` names the queries that read more than their answer is, which no index helps; each with the reason
    """

    fill: Callable[[Words], Sequence[str]]
    verbs: Mapping[str, Asked]
    values: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, Any]
    small: Mapping[str, str] = field(default_factory=dict)
    unasked: Mapping[str, str] = field(default_factory=dict)
    unindexed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)
