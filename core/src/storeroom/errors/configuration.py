"""Settings and arguments that can't be used."""

from storeroom.errors.base import StoreroomError


class ConfigurationError(StoreroomError):
    """A setting or an argument can't be used."""


class UrlMissing(ConfigurationError):
    """No database URL was given, neither as an argument nor as STOREROOM_URL."""


class UrlInvalid(ConfigurationError):
    """The database URL can't be understood, or names a database that Storeroom doesn't speak to."""

    url: str


class ExtraMissing(ConfigurationError):
    """An optional dependency is needed that isn't installed."""

    extra: str
