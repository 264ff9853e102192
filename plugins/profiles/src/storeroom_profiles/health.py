"""What needs attention in the data of profiles."""

from collections.abc import Sequence

from storeroom import Finding, Work
from storeroom_profiles.repository import ProfileRepository


def findings(uow: Work) -> Sequence[Finding]:
    """Report when there are profiles and none is the default; one statement."""
    first = uow[ProfileRepository].default()
    if first is None or first.is_default:
        return []
    return [
        Finding(
            f"none of the profiles is the default, so that {first.name!r}, the first, stands in for it",
            f"make one the default, as in uow[ProfileRepository].set_default({first.id})",
        )
    ]
