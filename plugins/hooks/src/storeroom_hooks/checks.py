"""What a hook's fields may be, checked before anything is sent; a secret or a URL that isn't taken is not shown.

PostgreSQL tells the whole row that breaks a rule, secret and all, so that a webhook may break none there.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy.exc import DontWrapMixin

from storeroom.checks import checked_number, checked_text, refusal, storable
from storeroom.errors import ValueRefused

Checks: TypeAlias = Mapping[str, Callable[[str, object], Any]]
"""The check of each field: it gets name and value, and returns the value to be stored."""

NAME_LENGTH = 200
LARGEST = 1_000_000

HIDDEN = "**********"
"""What stands for a value that isn't shown, as pydantic's SecretStr shows its own."""


class _Refused(ValueRefused, DontWrapMixin):
    """A ValueRefused that SQLAlchemy passes on as it is."""


def checked_name(field: str, value: object) -> str:
    """Return a name; raises ValueRefused for what isn't text, is empty or too long."""
    return checked_text(field, value, most=NAME_LENGTH)


def checked_flag(field: str, value: object) -> bool:
    """Return True or False; raises ValueRefused for anything else."""
    if not isinstance(value, bool):
        raise refusal(field, value, "isn't True or False; give a bool")
    return value


def number_from(least: int) -> Callable[[str, object], int]:
    """Return the check for a whole number from `least` to a million."""
    return partial(checked_number, least=least, most=LARGEST)


def checked_duration(field: str, value: object) -> float:
    """Return a number of milliseconds; raises ValueRefused unless it is finite and not negative."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < math.inf:
        raise refusal(field, value, "isn't a number of milliseconds; give a float, 0.0 or more")
    return float(value)


def checked_secret(field: str, value: object) -> SecretStr | None:
    """Return a secret, None for an empty one; raises ValueRefused, which doesn't show it."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if text is None or text == "":
        return None
    if not isinstance(text, str) or text != storable(field, text):
        raise _hidden(field, "isn't text that a database stores; give a SecretStr or a str")
    return value if isinstance(value, SecretStr) else SecretStr(text)


def checked_url(field: str, value: object) -> str:
    """Return the URL of a webhook; raises ValueRefused, which doesn't show it, unless it is one of http or https."""
    if not isinstance(value, str) or not value.isprintable() or " " in value or not _has_host(value):
        raise _hidden(field, "isn't an http or https URL with a host, without spaces; give a str")
    return value


def checked_output(field: str, value: object) -> str:
    """Return the output of an execution as a database stores it, none as empty.

    Raises ValueRefused for what isn't text, without showing it: an exception tells the URL that it was for.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        kind = type(value).__name__
        raise _hidden(field, "isn't text; give a str, as str(error) or output.decode(errors='replace')", kind)
    return storable(field, value)


def _hidden(field: str, why: str, shown: str = HIDDEN) -> ValueRefused:
    """Return the error for a value that isn't shown, and isn't kept in the error."""
    return _Refused(f"{field}: {shown} {why}", field=field, value=HIDDEN)


def checked(checks: Checks, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as their checks return them; those without one as they are."""
    return {name: checks[name](name, value) if name in checks else value for name, value in fields.items()}


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _port = parts.port  # which is checked when it is asked for
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
