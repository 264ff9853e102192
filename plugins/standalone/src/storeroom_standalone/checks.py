"""What verbs are given that isn't in a column: numbers of days and of rows."""

from storeroom.errors import ValueRefused

DAY = 86_400.0
MOST_DAYS = 36_500
MOST_ROWS = 10_000


def seconds(field: str, days: object) -> float:
    """Return a number of days in seconds; raises ValueRefused unless it is more than 0, and at most a hundred years."""
    if not isinstance(days, int | float) or isinstance(days, bool) or not 0 < days <= MOST_DAYS:
        raise _refused(field, days, f"isn't a number of days, more than 0 and at most {MOST_DAYS:,}; give one")
    return days * DAY


def rows(field: str, limit: object) -> int:
    """Return a number of rows; raises ValueRefused unless it is a whole one from 1 to 10,000."""
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_ROWS:
        raise _refused(field, limit, f"isn't a whole number from 1 to {MOST_ROWS:,}; give one, and call again for more")
    return limit


def given(field: str, value: object) -> None:
    """Raise ValueRefused for None, which JSON would call null."""
    if value is None:
        raise _refused(field, value, "is no response; give a JSON value, such as {} or [] for an empty one")


def _refused(field: str, value: object, why: str) -> ValueRefused:
    return ValueRefused(f"{field}: {value!r} {why}", field=field, value=value)
