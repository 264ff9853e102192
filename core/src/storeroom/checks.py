"""Checks of what verbs are given, for plugin authors: values that no column's type sees, or that mean nothing.

Each returns the value, and raises ValueRefused with the name of the field, the value and what to give instead. What
goes into a column as it is needs none of them: the column's type checks it.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from storeroom.canonical import shown, text_flaw
from storeroom.errors import ValueRefused

__all__ = ["LONGEST", "checked_choice", "checked_number", "checked_seconds", "checked_text", "refusal", "storable"]

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

LARGEST = (1 << 63) - 1
"""The largest whole number that both databases take, as a limit too."""

LONGEST = timedelta(days=3650)
"""The longest duration: far from the calendar's end, beyond which SQLite takes a time for none."""


def refusal(field: str, value: object, why: str) -> ValueRefused:
    """Return the error for a value: `why` says what is wrong with it, and what to give instead."""
    return ValueRefused(f"{field}: {shown(value)} {why}", field=field, value=value)


def checked_text(field: str, value: object, *, most: int | None = None) -> str:
    """Return text that isn't empty, that every database stores, and that has at most so many characters."""
    if not isinstance(value, str) or not value:
        raise refusal(field, value, "isn't text with something in it; give a str that isn't empty")
    if (flaw := text_flaw(value)) is not None:
        raise refusal(field, value, f"has {flaw}, which no database here stores; remove it")
    if most is not None and len(value) > most:
        raise refusal(field, value, f"has {len(value):,} characters; at most {most:,} are allowed")
    return value


def checked_number(field: str, value: object, *, least: int = 1, most: int = LARGEST) -> int:
    """Return a whole number within bounds; a bool isn't one."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        upper = "" if most == LARGEST else f" to {most:,}"
        raise refusal(field, value, f"isn't a whole number from {least:,}{upper}; give one")
    return value


def checked_seconds(
    field: str, value: object, *, least: timedelta = timedelta(milliseconds=1), most: timedelta = LONGEST
) -> float:
    """Return a duration in seconds, for `from_now`: a timedelta within bounds, by default from a millisecond on."""
    if not isinstance(value, timedelta) or not least <= value <= most:
        raise refusal(field, value, f"isn't a duration from {least} to {most.days:,} days; give a timedelta")
    return value.total_seconds()


def checked_choice(field: str, value: Any, choices: type[ChoiceT]) -> ChoiceT:
    """Return a member of an enumeration, given as such or by its value."""
    try:
        return choices(value)
    except ValueError:
        allowed = ", ".join(repr(each.value) for each in choices)
        raise refusal(field, value, f"isn't one of {allowed}; use one of them") from None


def storable(field: str, value: object) -> str:
    """Return text as every database stores it, with escapes for what none does: for what programs and errors say.

    Texts of errors hold undecodable file names, and output of programs holds anything; it must be possible to record
    them.
    """
    if not isinstance(value, str):
        raise refusal(field, value, "isn't text; give a str, as str(error)")
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
