"""What a watched folder holds."""

from enum import StrEnum


class MediaType(StrEnum):
    """What a scan takes the files of a folder for."""

    AUTO = "auto"
    """It finds out by itself."""
    TV = "tv"
    """Episodes of series."""
    MOVIE = "movie"
    """Movies."""
