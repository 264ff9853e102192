"""Whether two databases hold the same rows, by the columns that mean something: not ids, times and versions."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmarks.data import KEY, SCANNED
from benchmarks.databases import Database


@dataclass(frozen=True)
class Meaning:
    """The columns of a table that tell a row from any other, and the further ones that mean something."""

    key: Sequence[str]
    values: Sequence[str]
    documents: Sequence[str] = ()
    flags: Sequence[str] = ()

    @property
    def columns(self) -> Sequence[str]:
        """All of these columns."""
        return (*self.key, *self.values)


MEANINGS: Mapping[str, Meaning] = {
    "wanted": Meaning(
        key=KEY,
        values=(*(name for name in SCANNED if name not in KEY), "status", "error", "search_count"),
        documents=("missing_languages",),
        flags=("upgrade_candidate",),
    ),
    "providers_stats": Meaning(
        key=("provider",),
        values=(
            "searches",
            "search_failures",
            "timed_searches",
            "average_response_ms",
            "last_response_ms",
            "successful_downloads",
            "failed_downloads",
            "consecutive_failures",
        ),
    ),
    "jobs": Meaning(
        key=("file_path",),
        values=("status", "context", "stats", "output_path", "error", "priority", "attempts", "lease_token"),
        documents=("context", "stats"),
    ),
}


def rows(database: Database, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the rows of a table mean, in the order of their keys, alike on both databases."""
    meaning = MEANINGS[table]
    documents = [meaning.columns.index(name) for name in meaning.documents]
    flags = [meaning.columns.index(name) for name in meaning.flags]
    text = f"SELECT {', '.join(meaning.columns)} FROM {table} ORDER BY {', '.join(meaning.key)}"
    with closing(database.connect()) as connection:
        cursor = connection.cursor() if database.is_sqlite else connection.cursor("bench_rows")
        with closing(cursor):
            cursor.execute(text)
            while portion := cursor.fetchmany(1000):
                for row in portion:
                    values = [round(value, 6) if isinstance(value, float) else value for value in row]
                    for place in documents:
                        value = values[place]
                        plain = json.loads(value) if isinstance(value, str) else value
                        values[place] = json.dumps(plain, sort_keys=True)
                    for place in flags:
                        values[place] = bool(values[place])
                    yield tuple(values)


def digest(database: Database, table: str) -> str:
    """Return a digest of what the rows of a table mean."""
    made = hashlib.sha256()
    for row in rows(database, table):
        made.update(repr(row).encode())
    return made.hexdigest()


def difference(one: Database, other: Database, table: str) -> str | None:
    """Say in which rows and columns the other database differs; None where both mean the same."""
    if digest(one, table) == digest(other, table):
        return None
    meaning = MEANINGS[table]
    width = len(meaning.key)
    expected = {row[:width]: row for row in rows(one, table)}
    found = {row[:width]: row for row in rows(other, table)}
    parts = []
    if missing := len(expected.keys() - found.keys()):
        parts.append(f"{missing:,} rows are missing")
    if more := len(found.keys() - expected.keys()):
        parts.append(f"{more:,} rows are too many")
    columns: Counter[str] = Counter()
    changes: Counter[str] = Counter()
    for key in expected.keys() & found.keys():
        for name, should, is_ in zip(meaning.columns, expected[key], found[key], strict=True):
            if should != is_:
                columns[name] += 1
                changes[f"{name}: {should!r} became {is_!r}"] += 1
    parts += [f"{number:,} rows have another {name}" for name, number in sorted(columns.items())]
    parts += [f"most often {change}" for change, _ in changes.most_common(1)]
    return "; ".join(parts)
