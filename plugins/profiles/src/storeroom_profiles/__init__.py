"""Language profiles for Storeroom: what to translate from, to and with, for series and movies."""

from storeroom_profiles.assignments import MovieAssignmentRepository, SeriesAssignmentRepository
from storeroom_profiles.errors import DefaultProfile
from storeroom_profiles.models import Profile
from storeroom_profiles.preferences import ForcedPreference
from storeroom_profiles.records import (
    AssignmentFilters,
    Assignments,
    MovieAssignment,
    ProfileName,
    ProfileRecord,
    ProfileValues,
    SeriesAssignment,
)
from storeroom_profiles.repository import ProfileFields, ProfileRepository

__all__ = [
    "AssignmentFilters",
    "Assignments",
    "DefaultProfile",
    "ForcedPreference",
    "MovieAssignment",
    "MovieAssignmentRepository",
    "Profile",
    "ProfileFields",
    "ProfileName",
    "ProfileRecord",
    "ProfileRepository",
    "ProfileValues",
    "SeriesAssignment",
    "SeriesAssignmentRepository",
]
