"""Settings and arguments that can't be used."""

from storeroom.errors.base import StoreroomError


class ConfigurationError(StoreroomError):
    """A setting or an argument can't be used.

    Cure: correct the setting or the argument that the text names. The command line ends with 2.
    """


class UrlMissing(ConfigurationError):
    """No database URL was given, neither as an argument nor as STOREROOM_URL.

    Cure: set STOREROOM_URL, or give a URL to `Storeroom.open` or `--url`.
    """


class UrlInvalid(ConfigurationError):
    """The database URL can't be understood, or names a database that Storeroom doesn't speak to.

    Cure: write `sqlite:///app.db` or `postgresql://user@host/name`, with `%40` for `@` and `%2F` for `/` in a user's
    name or password.
    """

    url: str


class ExtraMissing(ConfigurationError):
    """An optional dependency is needed that isn't installed.

    Cure: install it: `pip install 'storeroom[postgresql]'`, or the extra that the text names.
    """

    extra: str
