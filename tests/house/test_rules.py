"""Rules of the house that no tool knows."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import CORE, ROOT, modules, written

LONGEST = 350
BLANKET = re.compile(r"# (type: ignore(?!\[)|noqa(?!: [A-Z])|pragma: no cover|mypy: ignore|pyright: ignore(?!\[))")


def test_no_module_has_more_than_one_subject() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in written()}
    assert len(lengths) > 50
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_nothing_is_ignored_wholesale() -> None:
    ignored = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in written()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if BLANKET.search(line) and file != Path(__file__)
    ]
    assert ignored == []


@pytest.mark.parametrize("module", [name for name in modules(CORE) if not name.endswith("__main__")])
def test_everything_public_has_a_docstring(module: str) -> None:
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    assert [name for name, documented in public(loaded) if not documented] == []


def public(module: object) -> Iterator[tuple[str, bool]]:
    """Whatever public a module defines, and whether it is documented: by itself, or by what it overrides."""
    for name, each in vars(module).items():
        own = getattr(each, "__module__", None) == getattr(module, "__name__", "")
        if name.startswith("_") or not own or not (inspect.isroutine(each) or inspect.isclass(each)):
            continue
        yield name, bool(each.__doc__) and not (each.__doc__ or "").startswith(f"{name}(")  # a dataclass makes its own
        for member, value in vars(each).items() if inspect.isclass(each) else ():
            if not member.startswith("_") and isinstance(value, property | staticmethod | classmethod | type(public)):
                yield f"{name}.{member}", bool(inspect.getdoc(getattr(each, member)))
