"""What a hook's fields may be, checked before anything is sent; a secret or a URL that isn't taken is not shown.

PostgreSQL tells the whole row that breaks a rule, secret and all, so that a webhook may break none there.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy.exc import DontWrapMixin

from storeroom.errors import ValueRefused

Checks: TypeAlias = Mapping[str, Callable[[str, object], Any]]
"""The check of each field: it gets name and value, and returns the value to be stored."""

NAME_LENGTH = 200
LONGEST = 1_000_000

HIDDEN = "**********"
"""What stands for a value that isn't shown, as pydantic's SecretStr shows its own."""


class _Refused(ValueRefused, DontWrapMixin):
    """A ValueRefused that SQLAlchemy passes on as it is."""


def storable(text: str) -> str:
    """Return text as a database stores it, with escapes for what it doesn't: outputs of programs hold any bytes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def checked_name(field: str, value: object) -> str:
    """Return a name; raises ValueRefused unless it is text, not empty, and not too long."""
    if not isinstance(value, str) or not value or len(value) > NAME_LENGTH or value != storable(value):
        raise refused(field, value, f"isn't text of 1 to {NAME_LENGTH} characters that a database stores; give a str")
    return value


def checked_text(field: str, value: object) -> str:
    """Return text that isn't empty; raises ValueRefused for anything else."""
    if not isinstance(value, str) or not value or value != storable(value):
        raise refused(field, value, "isn't text, not empty, that a database stores; give a str")
    return value


def checked_flag(field: str, value: object) -> bool:
    """Return True or False; raises ValueRefused for anything else."""
    if not isinstance(value, bool):
        raise refused(field, value, "isn't True or False; give a bool")
    return value


def checked_number(least: int) -> Callable[[str, object], int]:
    """Return a check for a whole number from `least` to a million; it raises ValueRefused for anything else."""

    def check(field: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LONGEST:
            raise refused(field, value, f"isn't a whole number from {least} to {LONGEST:,}; give one")
        return value

    return check


def checked_duration(field: str, value: object) -> float:
    """Return a number of milliseconds; raises ValueRefused unless it is finite and not negative."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < math.inf:
        raise refused(field, value, "isn't a number of milliseconds; give a float, 0.0 or more")
    return float(value)


def checked_secret(field: str, value: object) -> SecretStr | None:
    """Return a secret, None for an empty one; raises ValueRefused, which doesn't show it."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if text is None or text == "":
        return None
    if not isinstance(text, str) or text != storable(text):
        raise refused(field, HIDDEN, "isn't text that a database stores; give a SecretStr or a str", HIDDEN)
    return value if isinstance(value, SecretStr) else SecretStr(text)


def checked_url(field: str, value: object) -> str:
    """Return the URL of a webhook; raises ValueRefused, which doesn't show it, unless it is one of http or https."""
    if not isinstance(value, str) or not value.isprintable() or " " in value or not _has_host(value):
        raise refused(field, HIDDEN, "isn't an http or https URL with a host, without spaces; give a str", HIDDEN)
    return value


def checked_output(field: str, value: object) -> str:
    """Return the output of an execution as a database stores it, none as empty.

    Raises ValueRefused for what isn't text, without showing it: an exception tells the URL that it was for.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        kind = type(value).__name__
        raise refused(field, HIDDEN, "isn't text; give a str, as str(error) or output.decode(errors='replace')", kind)
    return storable(value)


def refused(field: str, value: object, why: str, shown: str | None = None) -> ValueRefused:
    """Return the error for a value that a field doesn't take."""
    return _Refused(f"{field}: {_repr(value) if shown is None else shown} {why}", field=field, value=value)


def checked(checks: Checks, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as their checks return them; those without one as they are."""
    return {name: checks[name](name, value) if name in checks else value for name, value in fields.items()}


def _repr(value: object) -> str:
    try:
        return f"{value!r:.200}"
    except Exception:  # of a number with more digits than Python writes, say
        return f"a value of type {type(value).__name__}"


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _port = parts.port  # which is checked when it is asked for
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
