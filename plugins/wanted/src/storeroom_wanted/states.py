"""What a wanted item can be: its type, its subtitle's type, its status."""

from enum import StrEnum


class ItemType(StrEnum):
    """What lacks a subtitle."""

    EPISODE = "episode"
    MOVIE = "movie"


class SubtitleType(StrEnum):
    """Which subtitle it lacks."""

    FULL = "full"
    """All that is said."""
    FORCED = "forced"
    """Only what is in another language than the rest."""


class WantedStatus(StrEnum):
    """Where an item stands. A scan that finds it again makes it wanted, whatever it was, unless it is ignored."""

    WANTED = "wanted"
    """It may be searched."""
    SEARCHING = "searching"
    """A program says that it searches it now."""
    FOUND = "found"
    """A subtitle was found."""
    FAILED = "failed"
    """A search failed; it is searched again when its `retry_after` has come, or when a scan has made it wanted."""
    IGNORED = "ignored"
    """A person doesn't want it; only `set_status` changes that."""
