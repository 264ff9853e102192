"""What verbs are given that is in no column, and that core has no check for: numbers of days."""

from storeroom.checks import refusal

MOST_ROWS = 10_000
"""The most rows of one call."""

DAY = 86_400.0
MOST_DAYS = 36_500


def checked_days(field: str, value: object) -> float:
    """Return a number of days in seconds; raises ValueRefused unless it is more than 0, and at most a hundred years."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= MOST_DAYS:
        raise refusal(field, value, f"isn't a number of days, more than 0 and at most {MOST_DAYS:,}; give one")
    return value * DAY
