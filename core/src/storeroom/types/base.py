"""What the column types share: how they refuse a value, and whether a subclass takes and gives others."""

from typing import Any

from sqlalchemy.exc import DontWrapMixin

from storeroom import errors
from storeroom.canonical import shown


class _Refused(errors.ValueRefused, DontWrapMixin):
    """A ValueRefused that SQLAlchemy passes on as it is, where it would make a StatementError of others."""


def refused(value: object, why: str) -> errors.ValueRefused:
    """Return the error by which a column type refuses a value: `why` says what is wrong with it, and what to do.

    The message begins with the value; the statement that the value is for adds the name of the field.
    """
    return _Refused(f"{shown(value)} {why}", value=value)


def gives_as(kind: Any, owner: Any) -> bool:
    """Tell whether a type reads values as the one that it derives from does."""
    return bool(type(kind).process_result_value is owner.process_result_value)


def takes_as(kind: Any, owner: Any) -> bool:
    """Tell whether a type takes values as the one that it derives from does."""
    return bool(type(kind).process_bind_param is owner.process_bind_param)
