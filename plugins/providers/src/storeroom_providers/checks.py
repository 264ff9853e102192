"""What neither core's checks nor the columns' types see: values that mean nothing for providers."""

from collections.abc import Sequence
from typing import Any

from storeroom.checks import checked_text, refusal
from storeroom_providers.models import NAME_LENGTH

LARGEST = 1e300
"""The largest value of a running mean."""


def checked_name(field: str, value: object) -> str:
    """Return text that can be in a key; raises ValueRefused for anything else."""
    return checked_text(field, value, most=NAME_LENGTH)


def checked_measure(field: str, value: object) -> float | None:
    """Return a number that an average takes, or None; raises ValueRefused for anything else."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise refusal(field, value, f"isn't a number from 0 to {LARGEST}; give one, or None where it wasn't measured")
    return value


def checked_results(field: str, value: object) -> Sequence[Any]:
    """Return a list, whose values the column's type checks; raises ValueRefused for anything else."""
    if not isinstance(value, list | tuple):
        raise refusal(field, value, "isn't a list; give one, of JSON values")
    return value
