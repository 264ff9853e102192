"""The page for who comes from Sublarr names every operation, and methods that are there."""

import importlib
import inspect
import re
from collections.abc import Iterator

import pytest

import storeroom
from storeroom import ModelRepository, Storeroom
from tests.docs.snippets import ROOT

TEXT = (ROOT / "docs" / "from-sublarr.md").read_text(encoding="utf-8")
DOMAINS = ("jobs", "wanted", "profiles", "providers", "hooks", "standalone")
CALL = re.compile(r"`\.?(?:[\w\[\]\"]+\.)*(\w+)\(")


def section(domain: str) -> str:
    return re.split(r"^## ", TEXT.partition(f"\n## {domain} → ")[2], maxsplit=1, flags=re.MULTILINE)[0]


def known(domain: str) -> Iterator[str]:
    """What can be called: the verbs of the plugin's repositories, those of a room, and what the package exports."""
    plugin = importlib.import_module(f"storeroom_{domain}.plugin")
    for repository in plugin.storeroom_manifest().repositories:
        yield from dir(repository)
    yield from [*dir(Storeroom), *storeroom.__all__]
    yield from dir(importlib.import_module(f"storeroom_{domain}"))


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_method_on_the_page_is_there(domain: str) -> None:
    named = set(CALL.findall(section(domain)))
    assert len(named) > 8
    assert named - set(known(domain)) == set()


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_verb_of_the_plugins_own_is_on_the_page(domain: str) -> None:
    plugin = importlib.import_module(f"storeroom_{domain}.plugin")
    own = {
        name
        for repository in plugin.storeroom_manifest().repositories
        for each in repository.__mro__
        if each.__module__.startswith(f"storeroom_{domain}")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_") and not hasattr(ModelRepository, name)
    }
    text = section(domain)
    assert sorted(name for name in own if not re.search(rf"\b{name}\b", text)) == []
