"""What the columns' types don't see: values that fit a column and still mean nothing."""

from datetime import timedelta

from storeroom.errors import ValueRefused
from storeroom_providers.models import NAME_LENGTH

LARGEST = 1e300
"""The largest value of a running mean."""

LONGEST = timedelta(days=3650)
"""The longest time to live or cool-down: beyond the calendar's end, SQLite would take it for none."""


def check_text(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is text, and not empty."""
    if not isinstance(value, str) or not value:
        raise _refused(field, value, "isn't text with something in it; give a str that isn't empty")


def check_name(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is text that can be in a key."""
    check_text(field, value)
    if isinstance(value, str) and len(value) > NAME_LENGTH:
        raise _refused(field, value, f"has {len(value)} characters; at most {NAME_LENGTH} are allowed")


def check_number(field: str, value: object, *, most: int = 1_000_000) -> None:
    """Raise ValueRefused unless a value is a whole number from 1."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise _refused(field, value, f"isn't a whole number from 1 to {most}; give one")


def check_measure(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is None, or a number that an average takes."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise _refused(field, value, f"isn't a number from 0 to {LARGEST}; give one, or None where it wasn't measured")


def check_results(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is a list; what is in it, the column's type checks."""
    if not isinstance(value, list | tuple):
        raise _refused(field, value, "isn't a list; give one, of JSON values")


def seconds(field: str, value: object) -> float:
    """Return a duration in seconds; raises ValueRefused unless it is a timedelta from 1 ms to ten years."""
    if not isinstance(value, timedelta) or not timedelta(milliseconds=1) <= value <= LONGEST:
        raise _refused(
            field, value, f"isn't a duration from 1 ms to {LONGEST.days} days; give a timedelta, as timedelta(hours=6)"
        )
    return value.total_seconds()


def _refused(field: str, value: object, why: str) -> ValueRefused:
    return ValueRefused(f"{field}: {value!r} {why}", field=field, value=value)
