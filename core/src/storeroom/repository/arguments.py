"""What verbs are given that isn't a field: numbers, refused by the names that callers know them by."""

from typing import Any

from storeroom.canonical import shown
from storeroom.errors import ValueRefused

# What both databases take as a limit.
LARGEST = (1 << 63) - 1


def whole_number(name: str, value: Any, most: int = LARGEST) -> int:
    """Return a whole number from 1; raises ValueRefused for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        upper = "" if most == LARGEST else f" to {most:,}"
        raise ValueRefused(f"{name}: {shown(value)} isn't a whole number from 1{upper}", value=value, field=name)
    return value
