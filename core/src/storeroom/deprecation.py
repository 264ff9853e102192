"""What is about to go warns first, for at least one release: since when, until when, and what to use instead.

For functions, methods and classes `deprecated` is the decorator of typing_extensions, which type checkers know. They
read its text where it stands, so that it is written out, in the form that the other two use:

    @deprecated(
        "Shelf.put is deprecated since storeroom-shelf 1.3 and goes in 2.0; use Shelf.add",
        category=StoreroomDeprecationWarning,
    )

Each warning points to the line of the caller. Core's own tests fail once a version has come in which something was
to go, and is still there.
"""

import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pkgutil import resolve_name
from typing import ParamSpec, TypeVar

from typing_extensions import deprecated

__all__ = ["Renamed", "StoreroomDeprecationWarning", "deprecated", "renamed_names", "renamed_parameter"]

P = ParamSpec("P")
R = TypeVar("R")


class StoreroomDeprecationWarning(DeprecationWarning):
    """Something of Storeroom's, or of a plugin's, is about to go; the text says what to use instead.

    As any DeprecationWarning, Python shows it in tests and in the program's main module; `-W error::DeprecationWarning`
    makes errors of them.
    """


@dataclass(frozen=True, slots=True)
class Renamed:
    """The new name of what a module used to have under another: in the same module, or as `package.module:name`.

    `since` is the distribution and its version, as "storeroom 1.3", `removed_in` the version that won't have it.
    """

    to: str
    since: str
    removed_in: str


def renamed_names(
    module: str, names: Mapping[str, Renamed], otherwise: Callable[[str], object] | None = None
) -> Callable[[str], object]:
    """Return the `__getattr__` of a module that goes on giving out what it has renamed, with a warning.

    As `__getattr__ = renamed_names(__name__, {"Box": Renamed("Shelf", since="storeroom-shelf 1.3", removed_in="2.0")})`
    at the module's end. Another name goes to `otherwise`, for a module that has a `__getattr__` already, and raises
    AttributeError without it.
    """

    def find(name: str) -> object:
        renamed = names.get(name)
        if renamed is None:
            if otherwise is not None:
                return otherwise(name)
            raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules.get(module))
        path = renamed.to if ":" in renamed.to else f"{module}:{renamed.to}"
        _warn(f"{module}.{name}", renamed.since, renamed.removed_in, path.replace(":", "."))
        found: object = resolve_name(path)
        return found

    return find


def renamed_parameter(old: str, new: str, *, since: str, removed_in: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let callers go on naming an argument as it was called, with a warning; in signatures there is only the new name.

    It goes below @classmethod and @staticmethod. Raises TypeError for a call that gives both, and at the definition
    when there is no parameter `new`, or still one that is called `old`.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name, known = function.__qualname__, inspect.signature(function).parameters
        if new not in known or old in known:
            raise TypeError(f"{name} can't rename {old!r} to {new!r}; its parameters are {', '.join(known) or 'none'}")

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if old in kwargs:
                if new in kwargs:
                    raise TypeError(f"{name}() was given {new!r} and its old name {old!r}; give {new!r} only")
                _warn(f"{old!r} of {name}", since, removed_in, repr(new))
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate


def _warn(what: str, since: str, removed_in: str, instead: str) -> None:
    text = f"{what} is deprecated since {since} and goes in {removed_in}; use {instead}"
    # Past this function and the one that calls it.
    warnings.warn(text, StoreroomDeprecationWarning, stacklevel=3)
