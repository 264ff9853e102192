"""Database URLs: understood, completed with the driver, and shown without their passwords."""

import re
from importlib import import_module
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storeroom.errors import ExtraMissing, UrlInvalid

_QUERY_PASSWORD = re.compile(r"(password=)[^&]*")
_SCHEME = re.compile(r"[a-z0-9+]+://", re.IGNORECASE)
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def mask(url: URL) -> str:
    """Return the URL as text that can be shown: passwords, also those in the query, are stars."""
    return _QUERY_PASSWORD.sub(r"\1***", url.render_as_string(hide_password=True))


def _mask_broken(text: str) -> str:
    """Show of what isn't a URL only what can't be a password, which may be anywhere in it and hold anything."""
    if text.startswith("sqlite:"):  # which knows no passwords
        return text
    match = _SCHEME.match(text)
    scheme = match[0] if match else ""
    return f"{scheme}***" if re.search("[:@=]", text.removeprefix(scheme)) else text


def _invalid(text: str) -> UrlInvalid:
    shown = _mask_broken(text)
    return UrlInvalid(
        f"{shown!r} isn't a database URL; write sqlite:///app.db or postgresql://user@host/name, with %40 for @ and "
        "%2F for / in a user's name or password",
        url=shown,
    )


def parse_url(text: str) -> URL:
    """Understand a database URL and name the driver in it.

    Raises UrlInvalid for what isn't a URL or names another database than SQLite or PostgreSQL, and ExtraMissing
    when PostgreSQL's driver isn't installed.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _invalid(text) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise UrlInvalid(f"{mask(url)!r} names {_unknown(url)}", url=mask(url))
    url = url.set(drivername=driver)
    if driver == "postgresql+psycopg":
        return _complete_postgresql(url, text)
    if url.host or url.username or url.port:
        shown = mask(url)
        raise UrlInvalid(
            f"{shown!r} has a slash too few; write sqlite:///app.db, or sqlite:////folder/app.db from the root",
            url=shown,
        )
    return url


def _unknown(url: URL) -> str:
    """Tell what the URL's first part is, and what to write instead."""
    kind, _, driver = url.drivername.partition("+")
    if kind in _DRIVERS:
        return f"the driver {driver!r}; Storeroom brings its own, so write {kind}://…"
    return f"{url.drivername!r}; Storeroom speaks to sqlite:///… and postgresql://…"


def _complete_postgresql(url: URL, text: str) -> URL:
    _check_driver()
    if "@" in f"{url.host}{url.database}":  # a part of an unescaped password, taken for the host's or database's name
        raise _invalid(text)
    password = url.query.get("password")
    if isinstance(password, str):  # where SQLAlchemy knows it for one, and hides it
        url = url.difference_update_query(["password"]).set(password=password)
    return url


def _check_driver() -> None:
    try:
        import_module("psycopg")
    except ImportError as error:  # also where libpq is what isn't there
        why = " ".join(str(error).split())
        raise ExtraMissing(
            f"PostgreSQL needs the psycopg driver ({why}); pip install 'storeroom[postgresql]'", extra="postgresql"
        ) from error


def in_memory(url: URL) -> bool:
    """Tell whether a URL names a SQLite database in memory, which lives and dies with its connection."""
    database = url.database or ":memory:"
    named = database == ":memory:" or database.startswith("file::memory:") or url.query.get("mode") == "memory"
    return named and url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path | None:
    """Return the file that a SQLite URL names; None for a database in memory, a `file:` URI, or PostgreSQL."""
    database = url.database
    if url.get_backend_name() != "sqlite" or in_memory(url) or not database or database.startswith("file:"):
        return None
    return Path(database)
