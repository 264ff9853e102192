"""Which types are core's own."""

from typing import Any

from sqlalchemy.types import TypeEngine

from storeroom.types.documents import JSONDocument
from storeroom.types.numbers import Flag, Int, Real
from storeroom.types.text import Choice, PlainText
from storeroom.types.times import CalendarDate, UTCDateTime


def refuses_text(kind: TypeEngine[Any]) -> bool:
    """Tell whether a type is one of these, which refuse text that no database stores."""
    return isinstance(kind, UTCDateTime | CalendarDate | PlainText | Int | Flag | Real | Choice | JSONDocument)
