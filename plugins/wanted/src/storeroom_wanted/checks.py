"""What a scan tells: which fields it may set, which it must, and what is a key."""

from collections.abc import Collection, Mapping
from typing import Any

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_wanted.records import ItemKey, ScanItem
from storeroom_wanted.states import SubtitleType

_FIELDS = tuple(ScanItem.__annotations__)
_NEEDED = ("item_type", "file_path", "language", "subtitle_type")
_ALLOWED, _REQUIRED = frozenset(_FIELDS), frozenset(_NEEDED)


def check_scanned(item: Mapping[str, Any], repository: str, verb: str, position: int | None = None) -> None:
    """Raise FieldUnknown for a field that a scan can't set, ValueRefused where one is lacking that it must."""
    if item.keys() <= _ALLOWED and item.keys() >= _REQUIRED:
        return
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
