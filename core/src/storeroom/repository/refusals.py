"""The errors of ModelRepository's verbs that more than one line makes."""

from typing import Any

from storeroom.canonical import shown
from storeroom.errors import CursorInvalid, NotFound, StaleVersion


def not_found(owner: str, name: str, key: Any, cure: str) -> NotFound:
    """Return the error for a primary key that no row has."""
    more = f"; {cure}" if cure else ""
    return NotFound(f"{owner} has no row with key {shown(key)}{more}", repository=name, key=key)


def stale(owner: str, name: str, key: Any, expected: int, found: int) -> StaleVersion:
    """Return the error for a row that was changed since the caller read it."""
    return StaleVersion(
        f"{owner}: the row with key {shown(key)} has version {found}, not {expected}: it was changed meanwhile; read "
        "it again, and decide anew",
        repository=name,
        key=key,
        expected=expected,
        found=found,
    )


def bad_cursor(owner: str, name: str, cursor: str, why: str) -> CursorInvalid:
    """Return the error for a cursor that isn't one of this order."""
    return CursorInvalid(
        f"{owner}: cursor {shown(cursor)} can't be used: {why}; use Page.next of the same order",
        repository=name,
        cursor=cursor,
    )
