"""Why what another system wrote can't be taken over."""

from storeroom.errors.base import StoreroomError


class AdoptionError(StoreroomError):
    """Another system's database can't be taken over.

    Cure: correct the system or the file that the command was given.
    """


class SystemUnknown(AdoptionError, LookupError):
    """No plugin in use takes over anything from this system.

    Cure: correct the name, or install the plugins that take over this system's tables.
    """

    system: str


class SourceUnreadable(AdoptionError):
    """The file isn't there, isn't a SQLite database, or is damaged.

    Cure: check the path; give a SQLite file that can be read, or a back-up of it.
    """

    file: str


class SourceForeign(AdoptionError):
    """The file is a database of another program than the system that was named.

    Cure: give the database of the system that was named.
    """

    file: str
