"""Random rows with many ties and NULLs, and what filters and sorts make of them, said in plain Python."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cmp_to_key
from random import Random
from typing import Any

from sqlalchemy import literal, select, union_all

from storeroom import Statement
from storeroom.sql import Executor, PlainText
from tests.repository.tables import NOON, SORTABLE, Mood

Row = dict[str, Any]

TOKYO = timezone(timedelta(hours=9))

# Few values of each column, so that ties are many, and those that are hard to carry in a cursor.
TEXTS = ["", "a", "A", "b\x01", "é", "\U0001f600", "'\"\\%_", "zz"]
VALUES: Mapping[str, Sequence[Any]] = {
    "language": [None, "a", "A", "é"],
    "title": [None, None, *TEXTS],
    "rank": [-(2**31), 0, 1, 2**31 - 1],
    "size": [None, None, -1, 0, 7],
    "big": [None, None, -(2**63), 2**53, 2**53 + 1, 2**63 - 1],
    "weight": [None, None, -1.5, -0.0, 0.0, 5e-324, 0.1 + 0.2, 0.3, 1e16, 1.7976931348623157e308],
    "at": [None, None, datetime(1, 1, 3, tzinfo=UTC), NOON, NOON.astimezone(TOKYO), NOON.replace(microsecond=0)],
    "day": [None, None, date.min, date(2026, 7, 1), date.max],
    "ready": [None, False, True],
    "mood": [None, *Mood],
    "added_at": [NOON, NOON + timedelta(microseconds=1)],
}
# All but the code, which is another in each row: the conflict key allows no ties.
DRAWN = [name for name in SORTABLE if name in VALUES]


def draw_row(random: Random) -> Row:
    return {name: random.choice(values) for name, values in VALUES.items()}


def draw_sort(random: Random, first: str) -> Sequence[str]:
    """Return an order that begins with a column, of one to three columns in any directions."""
    more = random.sample([name for name in DRAWN if name != first], random.randrange(3))
    return [random.choice(["", "-"]) + name for name in (first, *more)]


def _some_languages(random: Random) -> set[str | None]:
    return set(random.sample(["", *VALUES["language"]], 3))


# What each filter of ItemRepository is asked with, and which rows it should find.
FILTERS: Mapping[str, tuple[Callable[[Random], Any], Callable[[Row, Any], bool]]] = {
    "size_is": (lambda random: random.choice(VALUES["size"]), lambda row, value: row["size"] == value),
    "title": (lambda random: random.sample(VALUES["title"], 6), lambda row, value: row["title"] in value),
    "language": (_some_languages, lambda row, value: row["language"] in {each or None for each in value}),
    "text": (
        lambda random: random.choice(["", "I", "a", "%", "_", "\\"]),
        lambda row, value: value.lower() in f"{row['title'] or ''}\0{row['code']}".lower(),
    ),
    "least": (
        lambda random: random.choice([-1, 0, 8]),
        lambda row, value: row["size"] is not None and row["size"] >= value,
    ),
    "until": (lambda random: NOON.astimezone(TOKYO), lambda row, value: row["at"] is not None and row["at"] < value),
    "mood": (lambda random: random.choice(list(Mood)), lambda row, value: row["mood"] == value),
}


def draw_filters(random: Random) -> dict[str, Any]:
    """Return none to two filters; more would let too few rows pass."""
    names = random.sample(sorted(FILTERS), random.choice([0, 0, 1, 1, 2]))
    return {name: FILTERS[name][0](random) for name in names}


def meets(row: Row, asked: Mapping[str, Any]) -> bool:
    return all(FILTERS[name][1](row, value) for name, value in asked.items())


class Ordering:
    """The order of rows by the names that a caller sorts by, NULL smallest, the primary key last.

    Which text is smaller is for the database to say, since its collation is the administrator's choice.
    """

    def __init__(self, work: Executor) -> None:
        texts = sorted({*TEXTS, *Mood})
        rows = union_all(*(select(literal(text, PlainText()).label("value")) for text in texts)).subquery()
        ordered = Statement(select(rows.c.value).order_by(rows.c.value)).all(work)
        self._ranks = {row.value: rank for rank, row in enumerate(ordered)}

    def position(self, row: Row, sort: Sequence[str]) -> tuple[Any, ...]:
        """Return where a row stands in the order, for `compare`."""
        return (*(self._value(row, name.removeprefix("-")) for name in sort), row["id"])

    @staticmethod
    def compare(one: tuple[Any, ...], other: tuple[Any, ...], sort: Sequence[str]) -> int:
        """Tell which of two positions comes first, as cmp functions do."""
        descends = [name.startswith("-") for name in sort]
        for left, right, backwards in zip(one, other, [*descends, descends[-1]], strict=True):
            if left != right:
                return -1 if (left < right) is not backwards else 1
        return 0

    def sorted(self, rows: Iterable[Row], sort: Sequence[str]) -> list[Row]:
        def compare(one: Row, other: Row) -> int:
            return self.compare(self.position(one, sort), self.position(other, sort), sort)

        return sorted(rows, key=cmp_to_key(compare))

    def _value(self, row: Row, name: str) -> tuple[bool, Any]:
        value = row[name]
        if isinstance(value, str):
            return True, self._ranks[str(value)]
        return value is not None, value or 0
