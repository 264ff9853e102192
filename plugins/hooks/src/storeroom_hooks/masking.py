"""What is stored and not shown: a webhook's secret, and what of its URL may be one.

The column types give values whose `repr` shows nothing, and take the driver's values likewise, so that neither the text
of a record nor a log of statements, parameters and rows has them, whoever made the engine.
"""

import re
from typing import Any, TypeVar

from pydantic import GetCoreSchemaHandler, SecretStr
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from storeroom_hooks.checks import HIDDEN, checked_output, checked_secret, checked_url

T = TypeVar("T")

# The user and password before the host, the host, and what follows it; of what has no scheme nothing is shown.
_URL = re.compile(r"(?P<scheme>\w+://)(?:[^/?#]*@)?(?P<host>[^/?#]*)(?P<rest>.*)", re.DOTALL)


class WebhookUrl(str):
    """A webhook's URL: text like any other, whose repr shows no more than scheme and host.

    Many services put a token into the path. Use the text itself to call the webhook, and `masked` to speak of it.
    """

    __slots__ = ()

    @property
    def masked(self) -> str:
        """Scheme and host, and `…` for what follows them."""
        found = _URL.fullmatch(self)
        if found is None:
            return "…"
        rest = "/…" if found["rest"].strip("/") else found["rest"]
        return f"{found['scheme']}{found['host']}{rest}"

    def __repr__(self) -> str:
        return repr(self.masked)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


class Unshown(str):
    """Text on its way to the driver that a log of parameters doesn't show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


class _Masked(TypeDecorator[T]):
    """Text that goes to the driver, and comes from it, as what doesn't show it; what isn't taken isn't shown either."""

    impl = String
    cache_ok = True

    def stored(self, value: Any) -> str:
        """Return what the driver gets for a value."""
        raise NotImplementedError

    def given(self, text: str) -> T | None:
        """Return the value for what the driver gives."""
        raise NotImplementedError

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Return what the driver gets."""
        return self.stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:  # noqa: ARG002  # SQLAlchemy's
        """Return what Python gets."""
        return None if value is None else self.given(value)


class ErrorText(_Masked[str]):
    """The error of a call, which may tell the webhook's secret until the statement has taken it out."""

    cache_ok = True

    def stored(self, value: Any) -> str:
        """Return the text, unshown; none is empty."""
        return Unshown(checked_output("error", value))


class SecretText(_Masked[SecretStr]):
    """A secret: takes SecretStr or text, gives SecretStr; none is '' in the table and None in Python."""

    cache_ok = True

    def stored(self, value: Any) -> str:
        """Return the secret, unshown."""
        secret = checked_secret("secret", value)
        return Unshown("" if secret is None else secret.get_secret_value())

    def given(self, text: str) -> SecretStr | None:
        """Return the secret, or None."""
        return SecretStr(text) if text else None


class UrlText(_Masked[WebhookUrl]):
    """The URL of a webhook: takes text, gives WebhookUrl."""

    cache_ok = True

    def stored(self, value: Any) -> str:
        """Return the URL, whose repr is masked."""
        return WebhookUrl(checked_url("url", value))

    def given(self, text: str) -> WebhookUrl:
        """Return the URL."""
        return WebhookUrl(text)
