"""Signatures in references are as people write them, and can be read back by Python but for what is left out as `…`."""

import ast
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Generic, NotRequired, Optional, TypedDict, TypeVar, Unpack

import pytest

from storeroom.reference.signatures import shown_signature

T = TypeVar("T")
ANYTHING: Any = object()


class Colour(Enum):
    RED = "red"


class Options(TypedDict):
    size: int
    colour: NotRequired[Colour]


class Shelf(Generic[T]):
    """A repository's verbs stand in classes: `self` isn't shown."""

    def plain(self, key: int, name: str = "x") -> None: ...
    def only(self, key: int, /) -> T | None: ...
    def both(self, key: int, /, name: str, *, sort: str | None = None) -> "Iterable[T] | None": ...
    def nothing_before(self, /, *, limit: int = 5) -> int | None: ...
    def many(self, *keys: int, strict: bool) -> Mapping[str, T] | None: ...
    def options(self, key: int, **options: Unpack[Options]) -> None: ...
    def rest(self, **fields: Any) -> None: ...
    def defaults(self, colour: Colour = Colour.RED, age: timedelta = timedelta(1), what: Any = ANYTHING) -> None: ...
    def unknown(self, key: "Missing") -> None: ...  # type: ignore[name-defined] # noqa: F821  # as under TYPE_CHECKING
    def optional(self, name: Optional[str]) -> list[T] | None: ...  # noqa: UP045  # as others write it


@pytest.mark.parametrize(
    ("verb", "shown"),
    [
        (Shelf.plain, "(key: int, name: str = 'x') -> None"),
        (Shelf.only, "(key: int, /) -> int | None"),
        (Shelf.both, "(key: int, /, name: str, *, sort: str | None = None) -> Iterable[int] | None"),
        (Shelf.nothing_before, "(*, limit: int = 5) -> int | None"),
        (Shelf.many, "(*keys: int, strict: bool) -> Mapping[str, int] | None"),
        (Shelf.options, "(key: int, *, size: int, colour: Colour = …) -> None"),
        (Shelf.rest, "(**fields: Any) -> None"),
        (Shelf.defaults, "(colour: Colour = Colour.RED, age: timedelta = timedelta(days=1), what: Any = …) -> None"),
        (Shelf.unknown, "(key: Missing) -> None"),
        (Shelf.optional, "(name: str | None) -> list[int] | None"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_signature_is_as_one_writes_it(verb: Callable[..., Any], shown: str) -> None:
    assert shown_signature(verb, {T: int}) == shown
    ast.parse(f"def verb{shown.replace('…', '...')}: ...")
