"""What the columns' types don't see: values that fit a column, or none, and mean nothing."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_wanted.records import ItemKey, ScanItem
from storeroom_wanted.states import SubtitleType

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

LONGEST = timedelta(days=3650)
"""The longest delay: beyond the calendar's end, SQLite would take it for none."""

_FIELDS = tuple(ScanItem.__annotations__)
_NEEDED = ("item_type", "file_path", "language", "subtitle_type")


def check_number(field: str, value: object, *, least: int = 1, most: int = 1_000_000) -> None:
    """Raise ValueRefused unless a value is a whole number within these bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _refused(field, value, f"isn't a whole number from {least} to {most}; give one")


def member(field: str, choices: type[ChoiceT], value: Any) -> ChoiceT:
    """Return a member of an enumeration by its value; raises ValueRefused when there is none like it."""
    try:
        return choices(value)
    except ValueError:
        allowed = ", ".join(repr(each.value) for each in choices)
        raise _refused(field, value, f"isn't one of {allowed}; use one of them") from None


def seconds(field: str, value: timedelta) -> float:
    """Return a duration in seconds; raises ValueRefused unless it is from 0 to ten years."""
    if not timedelta(0) <= value <= LONGEST:
        raise _refused(field, value, f"isn't a duration from 0 to {LONGEST.days} days; give another")
    return value.total_seconds()


def storable(error: object) -> str:
    """Return the text of an error as a database stores it, with escapes for what it doesn't.

    A program must be able to report any failure: texts of errors hold undecodable file names, and output of programs.
    """
    if not isinstance(error, str):
        raise _refused("error", error, "isn't text; give a str, as str(error)")
    return error.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def check_scanned(item: Mapping[str, Any], repository: str, verb: str, position: int | None = None) -> None:
    """Raise FieldUnknown for a field that a scan can't set, ValueRefused where one is lacking that it must."""
    for field in item:
        if field not in _FIELDS:
            raise FieldUnknown(
                f"{verb}() doesn't set {field!r}: what a scan finds is wanted, and the rest has verbs of its own; "
                f"give some of: {', '.join(_FIELDS)}",
                repository=repository,
                field=field,
            )
    for field in _NEEDED:
        if field not in item:
            raise ValueRefused(
                f"{verb}() lacks {field!r}; give all of {', '.join(_NEEDED)}", field=field, position=position
            )


def seen_key(position: int, value: Any) -> ItemKey:
    """Return a key that a scan saw, as it is in the table; raises ValueRefused for what isn't one."""
    if not isinstance(value, tuple) or len(value) != len(ItemKey._fields):
        raise _not_a_key(value, position)
    file_path, language, subtitle_type = value
    if not isinstance(file_path, str) or not file_path or not isinstance(language, str | None):
        raise _not_a_key(value, position)
    if subtitle_type not in _SUBTITLE_TYPES:
        raise _not_a_key(value, position)
    return ItemKey(file_path, language or None, subtitle_type)


_SUBTITLE_TYPES: Collection[object] = list(SubtitleType)


def _not_a_key(value: object, position: int) -> ValueRefused:
    return ValueRefused(
        f"seen, item {position}: {value!r} isn't a key, without which too much would be deleted; give a tuple of file "
        "path, language and subtitle type",
        field="seen",
        value=value,
        position=position,
    )


def _refused(field: str, value: object, why: str) -> ValueRefused:
    return ValueRefused(f"{field}: {value!r} {why}", field=field, value=value)
