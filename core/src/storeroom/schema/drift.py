"""What a comparison says of one plugin."""

from collections.abc import Sequence
from dataclasses import dataclass

from storeroom.schema.comparison import Difference


@dataclass(frozen=True, slots=True)
class Drift:
    """How one plugin's tables differ from its models; `note` says why they can't be compared, where that is so.

    It is true where something is to be done.
    """

    plugin: str
    differences: Sequence[Difference] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.differences or self.note)
