"""The column types: each takes and gives the same Python values on SQLite and PostgreSQL, and refuses all others.

What a column doesn't take is refused with ValueRefused before it is sent; the statement adds the name of the field.
"""

from storeroom.types.base import refused
from storeroom.types.documents import JSONCounters, JSONDocument
from storeroom.types.numbers import BigInt, Flag, Int, Real
from storeroom.types.own import refuses_text
from storeroom.types.text import Choice, NoneAsEmpty, PlainText, check_choices
from storeroom.types.times import CalendarDate, UTCDateTime

__all__ = [
    "BigInt",
    "CalendarDate",
    "Choice",
    "Flag",
    "Int",
    "JSONCounters",
    "JSONDocument",
    "NoneAsEmpty",
    "PlainText",
    "Real",
    "UTCDateTime",
    "check_choices",
    "refused",
    "refuses_text",
]
