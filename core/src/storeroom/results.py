"""What calling a hook gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storeroom.errors import HookFailed


@dataclass(frozen=True, slots=True)
class HookResults:
    """What the implementations of a hook returned, by plugin in registry order, and those that raised."""

    results: Mapping[str, Any]
    errors: Sequence[HookFailed]
