"""Why what another system wrote can't be taken over."""

from storeroom.errors.base import StoreroomError


class AdoptionError(StoreroomError):
    """Another system's database can't be taken over."""


class SystemUnknown(AdoptionError, LookupError):
    """No plugin in use takes over anything from this system."""

    system: str


class SourceUnreadable(AdoptionError):
    """The file isn't there, isn't a SQLite database, or is damaged."""

    file: str


class SourceForeign(AdoptionError):
    """The file is a database of another program than the system that was named."""

    file: str
