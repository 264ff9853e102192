"""What a test may need of a database: `Capability`, and how one is told from the database's name."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from storeroom.errors import ConfigurationError

MARK = "requires"
BACKENDS = ("sqlite", "postgresql")

TestT = TypeVar("TestT", bound=Callable[..., Any] | type)


class Capability:
    """Something that some databases can and others can't; its docstring says what, and why a test would need it.

    As a decorator, of a test or a class of tests, it keeps them to the databases that have it. `met_by` asks the same
    of one database, where a part of a test needs it.
    """

    def __init__(self, declared: Callable[[], tuple[str, ...]]) -> None:
        self.name = declared.__name__
        self.__doc__ = declared.__doc__
        self.backends = declared()

    @property
    def reason(self) -> str:
        """What the capability is, in one line."""
        return " ".join((self.__doc__ or "").split())

    def __call__(self, test: TestT) -> TestT:
        """Mark a test, or a class of tests."""
        marked: TestT = pytest.MarkDecorator.with_args(getattr(pytest.mark, MARK), self)(test)
        return marked

    def met_by(self, database: Any) -> bool:
        """Tell whether a database has it: a URL, the name of a lane, or what has a `dialect`, as a unit of work."""
        return backend_of(database) in self.backends

    def __repr__(self) -> str:
        return f"requires.{self.name}"


def backend_of(database: Any) -> str:
    """Return which kind of database this is, of a URL, a lane's name, or what has a `dialect`.

    Raises ConfigurationError for what is none.
    """
    name = str(database) if isinstance(database, str) else getattr(getattr(database, "dialect", None), "name", "")
    found = re.match(r"[a-z]*", name)
    backend = found[0] if found else ""
    if backend not in BACKENDS:
        raise ConfigurationError(
            f"{database!r} isn't a database; give its URL, its lane's name, or a unit of work or a connection of it"
        )
    return backend
