"""What a profile says about forced subtitles."""

from enum import StrEnum


class ForcedPreference(StrEnum):
    """Whether forced subtitles are looked for: those that show foreign speech and signs only."""

    DISABLED = "disabled"
    """They aren't."""
    SEPARATE = "separate"
    """They are, beside full subtitles."""
    AUTO = "auto"
    """As the media asks for."""
