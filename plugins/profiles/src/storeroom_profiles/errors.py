"""What goes wrong with profiles only."""

from storeroom.errors import StoreroomError


class DefaultProfile(StoreroomError):
    """The default profile was to be deleted."""

    profile_id: int
