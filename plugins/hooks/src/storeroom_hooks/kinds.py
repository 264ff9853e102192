"""What hooks are, and how their executions end."""

from enum import StrEnum


class HookKind(StrEnum):
    """What was executed."""

    SCRIPT = "script"
    """A script hook was run."""
    WEBHOOK = "webhook"
    """A webhook was called."""


class TriggerStatus(StrEnum):
    """How the last run of a script hook ended."""

    SUCCESS = "success"
    FAILED = "failed"
