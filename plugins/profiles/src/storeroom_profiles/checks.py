"""What may be in a profile: the kind of each field, and which of them go together."""

from collections.abc import Mapping
from typing import Any

from storeroom.checks import checked_choice, checked_text, refusal
from storeroom_profiles.preferences import ForcedPreference

TARGETS, NAMES = "target_languages", "target_language_names"
_TEXTS = ("name", "source_language", "source_language_name", "translation_backend")
_LISTS = (TARGETS, NAMES, "fallback_chain")
EDITABLE = (*_TEXTS, *_LISTS, "forced_preference")


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise ValueRefused for the first of a profile's fields that means nothing, or not with the others."""
    for field, value in fields.items():
        if field in _TEXTS:
            checked_text(field, value)
        elif field in _LISTS:
            _check_list(field, value)
        else:
            checked_choice(field, value, ForcedPreference)
    _check_targets(fields)


def _check_list(field: str, value: Any) -> None:
    texts = isinstance(value, list | tuple) and all(isinstance(each, str) and each for each in value)
    if not texts or not value:
        raise refusal(field, value, "isn't a list with something in it, all of it text; give some, none of it empty")


def _check_targets(fields: Mapping[str, Any]) -> None:
    """Hold languages and their names together: who changes one of them can't know how many there are of the other."""
    given = [field for field in (TARGETS, NAMES) if field in fields]
    if len(given) == 1:
        (other,) = {TARGETS, NAMES} - set(given)
        raise refusal(given[0], fields[given[0]], f"comes without {other}; give both, a name for each language")
    if given and len(fields[TARGETS]) != len(fields[NAMES]):
        raise refusal(NAMES, fields[NAMES], f"isn't a name for each of {TARGETS} {fields[TARGETS]!r}; give as many")
