"""What the columns' types don't see: values that fit a column and still mean nothing."""

from datetime import timedelta
from typing import Any

from storeroom.errors import ValueRefused
from storeroom_jobs.states import JobStatus

LONGEST = timedelta(days=3650)
"""The longest lease or delay: beyond the calendar's end, SQLite would take it for none."""


def check_text(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is text, and not empty."""
    if not isinstance(value, str) or not value:
        raise _refused(field, value, "isn't text with something in it; give a str that isn't empty")


def check_key(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is text, empty or not, that can be a key of JSON counters."""
    if not isinstance(value, str) or value != storable(value):
        raise _refused(field, value, "isn't text that a database stores; give a str without NUL and surrogates")


def check_number(field: str, value: object, *, least: int = 1, most: int = 1_000_000) -> None:
    """Raise ValueRefused unless a value is a whole number within these bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _refused(field, value, f"isn't a whole number from {least} to {most}; give one")


def check_object(field: str, value: object) -> None:
    """Raise ValueRefused unless a value is a dict; what is in it, the column's type checks."""
    if not isinstance(value, dict):
        raise _refused(field, value, "isn't a JSON object; give a dict")


def seconds(field: str, value: object, *, least: timedelta = timedelta(milliseconds=1)) -> float:
    """Return a duration in seconds; raises ValueRefused unless it is a timedelta from `least` to ten years."""
    if not isinstance(value, timedelta) or not least <= value <= LONGEST:
        raise _refused(
            field,
            value,
            f"isn't a duration from {least} to {LONGEST.days} days; give a timedelta, as timedelta(minutes=5)",
        )
    return value.total_seconds()


def status(value: Any) -> JobStatus:
    """Return a status by its value; raises ValueRefused when there is none like it."""
    try:
        return JobStatus(value)
    except ValueError:
        allowed = ", ".join(repr(each.value) for each in JobStatus)
        raise _refused("status", value, f"isn't one of {allowed}; use one of them") from None


def check_finished(field: str, value: Any) -> None:
    """Raise ValueRefused unless a value is the status of a finished job."""
    if status(value).is_pending:
        raise _refused(field, value, "is the status of jobs that are still to be done; choose among the finished ones")


def storable(error: object) -> str:
    """Return the text of an error as a database stores it, with escapes for what it doesn't.

    A worker must be able to report any failure: texts of errors hold undecodable file names, and output of programs.
    """
    if not isinstance(error, str):
        raise _refused("error", error, "isn't text; give a str, as str(error)")
    return error.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _refused(field: str, value: object, why: str) -> ValueRefused:
    return ValueRefused(f"{field}: {value!r} {why}", field=field, value=value)
