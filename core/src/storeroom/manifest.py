"""What a plugin says about itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy.orm import DeclarativeBase

from storeroom.repository import BaseRepository


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a plugin brings and what it needs; returned by its `storeroom_manifest` hook.

    - `models`: the declarative base whose registry is `plugin_registry(<name>)`; None for a plugin without tables.
    - `migrations`: the package that holds HEAD and the folder `versions`; needed with models, and only then.
    - `repositories`: the repository classes, each with a `name` of this plugin's.
    - `requires`: the names of the plugins that must be in use for this one to be.
    - `core`: a version specifier that the installed core must satisfy, such as `>=0.1,<1`; empty takes any.
    - `hookspecs`: a module or class with hook specifications of this plugin's own, named `<plugin>_…`.

    Lists are kept as tuples. Raises TypeError for a field of another kind.
    """

    models: type[DeclarativeBase] | None = None
    migrations: str | None = None
    repositories: Sequence[type[BaseRepository]] = ()
    requires: Sequence[str] = ()
    core: str = ""
    hookspecs: type | ModuleType | None = None

    def __post_init__(self) -> None:
        for field, (fits, expected) in _KINDS.items():
            value = getattr(self, field)
            if not fits(value):
                raise TypeError(f"{field}={value!r} in a manifest can't be used; give {expected}")
            if isinstance(value, list):
                object.__setattr__(self, field, tuple(value))


def _is_subclass(value: Any, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base)


def _all_in_list(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list | tuple) and all(map(fits, value))


# The field, whether a value fits it, and what does.
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "models": (
        lambda value: value is None or _is_subclass(value, DeclarativeBase),
        "a declarative base with registry = plugin_registry(…)",
    ),
    "migrations": (
        lambda value: value is None or (isinstance(value, str) and value != ""),
        "the name of a package",
    ),
    "repositories": (
        lambda value: _all_in_list(value, lambda each: _is_subclass(each, BaseRepository)),
        "a list of subclasses of BaseRepository",
    ),
    "requires": (
        lambda value: _all_in_list(value, lambda each: isinstance(each, str)),
        "a list of plugin names",
    ),
    "core": (lambda value: isinstance(value, str), "a version specifier, such as '>=0.1,<1'"),
    "hookspecs": (
        lambda value: value is None or isinstance(value, type | ModuleType),
        "a module or a class with specifications",
    ),
}
