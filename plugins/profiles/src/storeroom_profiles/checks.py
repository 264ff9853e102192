"""What the columns' types don't see: values that fit a column and still mean nothing."""

from collections.abc import Mapping
from typing import Any

from storeroom.errors import ValueRefused
from storeroom_profiles.preferences import ForcedPreference

TARGETS, NAMES = "target_languages", "target_language_names"
_TEXTS = ("name", "source_language", "source_language_name", "translation_backend")
_LISTS = (TARGETS, NAMES, "fallback_chain")
EDITABLE = (*_TEXTS, *_LISTS, "forced_preference")


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise ValueRefused for the first of a profile's fields that means nothing, or not with the others."""
    for field, value in fields.items():
        if field in _TEXTS:
            _check_text(field, value)
        elif field in _LISTS:
            _check_list(field, value)
        else:
            _check_preference(field, value)
    _check_targets(fields)


def _check_text(field: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise _refused(field, value, "isn't text with something in it; give a str that isn't empty")


def _check_list(field: str, value: Any) -> None:
    texts = isinstance(value, list | tuple) and all(isinstance(each, str) and each for each in value)
    if not texts or not value:
        raise _refused(field, value, "isn't a list with something in it, all of it text; give some, none of it empty")


def _check_preference(field: str, value: Any) -> None:
    if value not in list(ForcedPreference):
        allowed = ", ".join(repr(each.value) for each in ForcedPreference)
        raise _refused(field, value, f"isn't one of {allowed}; use one of them")


def _check_targets(fields: Mapping[str, Any]) -> None:
    """Hold languages and their names together: who changes one of them can't know how many there are of the other."""
    given = [field for field in (TARGETS, NAMES) if field in fields]
    if len(given) == 1:
        (other,) = {TARGETS, NAMES} - set(given)
        raise _refused(given[0], fields[given[0]], f"comes without {other}; give both, a name for each language")
    if given and len(fields[TARGETS]) != len(fields[NAMES]):
        raise _refused(NAMES, fields[NAMES], f"isn't a name for each of {TARGETS} {fields[TARGETS]!r}; give as many")


def _refused(field: str, value: object, why: str) -> ValueRefused:
    return ValueRefused(f"{field}: {value!r} {why}", field=field, value=value)
