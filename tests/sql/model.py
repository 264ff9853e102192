"""What upserts do, as a model in Python, and random items for them of which many have the key of another."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from storeroom.sql import Outcome, Rule, canonical_json, merged_counters, running_count, running_mean
from storeroom.sql.fetch import AnyRow
from tests.sql.values import FIELD_VALUES, counters

Row = dict[str, Any]

# Few different rows, so that the same key comes again, with the same values as well.
KEYS = st.fixed_dictionaries({"path": st.sampled_from(["a", "A", "é"]), "language": st.sampled_from([None, "", "de"])})

# Counters, a running mean with its count, and JSON counters; and values for them, whose sums are exact.
RULES: Mapping[str, Rule] = {
    "big": lambda old, new: old.big + new.big,
    "weight": lambda old, new: running_mean(old.weight, old.number, new.weight),
    "number": lambda old, new: running_count(old.number, new.weight),
    "counters": lambda old, new: merged_counters(old.counters, new.counters),
}
RECORDED = st.fixed_dictionaries(
    {
        "note": st.none() | st.sampled_from(["x", "y"]),
        "big": st.integers(-5, 5),
        "weight": st.floats(-100, 100),
        "number": st.just(1),
        "counters": counters().map(lambda each: {key: count % 1000 for key, count in each.items()}),
    }
)


@st.composite
def upserts(
    draw: st.DrawFn, values: st.SearchStrategy[Row], keys: st.SearchStrategy[Row] = KEYS, most: int = 8
) -> list[Row]:
    """Items of which many have the key of another, and some its values as well, or all but one of them."""
    known = draw(st.lists(values, min_size=1, max_size=3))
    items = []
    for key in draw(st.lists(keys, max_size=most)):
        item = key | draw(st.sampled_from(known))
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(known[0])))
            item[name] = draw(st.sampled_from(known))[name]
        items.append(item)
    return items


def same(one: Row, other: Row) -> bool:
    """Whether a database would call the rows the same: documents by their text, which tells 1 from True."""
    for name in one.keys() | other.keys():
        left, right = one.get(name), other.get(name)
        if isinstance(left, dict) and isinstance(right, dict):
            if canonical_json(left) != canonical_json(right):
                return False
        elif left != right:
            return False
    return True


class Model:
    """What a table holds after upserts, by key."""

    def __init__(self, merge: Callable[[Row, Row], Row]) -> None:
        self.rows: dict[tuple[str, str], tuple[Row, int]] = {}
        self._merge = merge

    def put(self, item: Row) -> Outcome:
        key = (item["path"], item["language"] or "")
        if key not in self.rows:
            self.rows[key] = (item, 1)
            return Outcome.INSERTED
        old, version = self.rows[key]
        new = self._merge(old, item)
        if same(old | {"language": None}, new | {"language": None}):
            return Outcome.UNCHANGED
        self.rows[key] = (new, version + 1)
        return Outcome.UPDATED

    def check(self, rows: Iterable[AnyRow]) -> None:
        """Assert that these are its rows, with their versions, and no others."""
        found = {(row.path, row.language or ""): dict(row._mapping) for row in rows}
        assert found.keys() == self.rows.keys()
        for key, (expected, version) in self.rows.items():
            row = found[key]
            assert row["version"] == version
            assert same({name: row[name] for name in FIELD_VALUES}, {name: expected.get(name) for name in FIELD_VALUES})


def replace(old: Row, new: Row) -> Row:
    """What becomes of a row without rules, where all fields are given."""
    return new


def record(old: Row, new: Row) -> Row:
    """What becomes of a row by RULES."""
    total = dict(old["counters"])
    for key, count in new["counters"].items():
        total[key] = total.get(key, 0) + count
    count = old["number"]
    return new | {
        "big": old["big"] + new["big"],
        "weight": old["weight"] + (new["weight"] - old["weight"]) / (1.0 + count),
        "number": count + 1,
        "counters": total,
    }
