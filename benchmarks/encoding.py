"""Items as a driver takes and gives them, without a look at what they are: the raw driver's part of the work."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from benchmarks.data import Item

_TIMES = ("last_search_at", "retry_after", "added_at", "updated_at")
_DOCUMENTS = ("missing_languages",)
_FLAGS = ("upgrade_candidate",)

to_json = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode


def row_encoder(columns: Sequence[str], *, is_sqlite: bool) -> Callable[[Item], Sequence[Any]]:
    """Return the function that makes a row of an item: documents as text, and on SQLite times as well."""
    pick = itemgetter(*columns)
    documents = [columns.index(name) for name in _DOCUMENTS]
    times = [columns.index(name) for name in _TIMES if name in columns] if is_sqlite else []

    def encode(item: Item) -> Sequence[Any]:
        row = list(pick(item))
        for place in documents:
            row[place] = to_json(row[place])
        for place in times:
            row[place] = _to_text(row[place])
        return row

    return encode


def row_decoder(columns: Sequence[str]) -> Callable[[Sequence[Any]], list[Any]]:
    """Return the function that decodes a row of SQLite's: documents, times and flags."""
    documents = [columns.index(name) for name in _DOCUMENTS]
    times = [columns.index(name) for name in _TIMES]
    flags = [columns.index(name) for name in _FLAGS]

    def decode(row: Sequence[Any]) -> list[Any]:
        decoded = list(row)
        for place in documents:
            decoded[place] = json.loads(decoded[place])
        for place in times:
            text = decoded[place]
            if text is not None:
                decoded[place] = datetime.fromisoformat(f"{text}+00:00")
        for place in flags:
            decoded[place] = bool(decoded[place])
        return decoded

    return decode


def _to_text(value: datetime | None) -> str | None:
    # As SQLAlchemy and Storeroom store it, so that it sorts with the times that the database sets.
    return None if value is None else value.replace(tzinfo=None).isoformat(" ", "microseconds")
