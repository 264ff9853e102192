"""What this plugin brings."""

from collections.abc import Sequence

from storeroom import Finding, Manifest, Work, hookimpl
from storeroom.adoption import TableAdoption
from storeroom_profiles.adoption import SUBLARR
from storeroom_profiles.assignments import MovieAssignmentRepository, SeriesAssignmentRepository
from storeroom_profiles.health import findings
from storeroom_profiles.models import Base
from storeroom_profiles.repository import ProfileRepository


@hookimpl
def storeroom_manifest() -> Manifest:
    """Bring the tables and the repositories of profiles."""
    return Manifest(
        models=Base,
        migrations="storeroom_profiles.migrations",
        repositories=[ProfileRepository, SeriesAssignmentRepository, MovieAssignmentRepository],
    )


@hookimpl
def storeroom_health(uow: Work) -> Sequence[Finding]:
    """Report what needs attention in profiles."""
    return findings(uow)


@hookimpl
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:
    """Take over the profiles and assignments of Sublarr."""
    return SUBLARR if system == "sublarr" else []
