"""Column types that refuse what means nothing here, so that every verb does, also those for many rows.

The tables' check constraints hold the same, whoever writes.
"""

from typing import Any

from sqlalchemy import BigInteger, Dialect

from storeroom.sql import Int, PlainText, refused

# A row of PostgreSQL's indexes has room for 2,704 bytes, and two of these texts may be in one.
LONGEST_KEY = 2000


class KeyText(PlainText):
    """Text with something in it, that fits into an index of both databases: a path, a title, the key of a cache."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text; raises ValueRefused for what isn't, for none and for too much of it."""
        found = super().process_bind_param(value, dialect)
        if not found:
            raise refused(value, "isn't text with something in it; give a str that isn't empty")
        if len(found.encode()) > LONGEST_KEY:
            raise refused(value, f"has {len(found.encode()):,} bytes in UTF-8; at most {LONGEST_KEY:,} are allowed")
        return found


class Within(Int):
    """A whole number within bounds; by default any from 1, as the ids of other services are."""

    cache_ok = True

    def __init__(self, least: int = 1, most: int = (1 << 31) - 1) -> None:
        super().__init__()
        self.least = least
        self.most = most

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Return the number; raises ValueRefused for what isn't one, or is out of bounds."""
        number = super().process_bind_param(value, dialect)
        if number is not None and not self.least <= number <= self.most:
            raise refused(value, f"isn't a whole number from {self.least} to {self.most}; give one, or None for none")
        return number


class GivenId(Within):
    """A primary key that comes from elsewhere: SQLite would number an INTEGER by itself where none is given."""

    impl = BigInteger
    cache_ok = True
