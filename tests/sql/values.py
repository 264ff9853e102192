"""Values of each column type, for Hypothesis."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.sql.tables import Colour

BITS_32 = st.integers(-(2**31), 2**31 - 1)
BITS_64 = st.integers(-(2**63), 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def plain_text(*, least: int = 0, most: int | None = None) -> st.SearchStrategy[str]:
    """Text of anything but NUL and halves of surrogate pairs."""
    # Quotes, what JSON paths and formats are made of, control characters: more often than chance would have them.
    odd = st.sampled_from("'\"\\.$[]{}%:\n\x01\x7f é€\U0001f600")
    usual = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    return st.text(odd | usual, min_size=least, max_size=most)


def json_values() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | FINITE | plain_text(most=8)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text(most=4), inner, max_size=4),
        max_leaves=12,
    )


def counters() -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(plain_text(most=4), BITS_64, max_size=4)


def times() -> st.SearchStrategy[datetime]:
    """Times of any zone, which are off the first and the last day in UTC as well."""
    zones = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
        lambda offset: timezone(timedelta(seconds=int(offset.total_seconds())))
    )
    margin = timedelta(days=2)
    naive = st.datetimes(datetime.min + margin, datetime.max - margin)
    return st.builds(lambda time, zone: time.replace(tzinfo=zone), naive, st.just(UTC) | zones)


# A value of each field of the samples, None included.
FIELD_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "note": st.none() | plain_text(most=12),
    "number": st.none() | BITS_32,
    "big": st.none() | BITS_64,
    "ready": st.none() | st.booleans(),
    "weight": st.none() | FINITE,
    "day": st.none() | st.dates(date.min, date.max),
    "at": st.none() | times(),
    "colour": st.none() | st.sampled_from(Colour),
    "body": st.none() | st.dictionaries(plain_text(most=4), json_values(), max_size=3),
    "counters": st.none() | counters(),
}
