"""Each verb runs as many statements as its docstring says."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from storeroom import ModelRepository, Storeroom
from storeroom_standalone import StandaloneRepository

Verb = Callable[[StandaloneRepository, int], object]
PARTS = ("folders", "series", "movies", "metadata", "mappings")

COUNTED: dict[str, tuple[int, Verb]] = {
    "folders.create": (1, lambda library, key: library.folders.create("/b")),
    "folders.mark_scanned": (1, lambda library, key: library.folders.mark_scanned(key)),
    "series.by_path": (1, lambda library, key: library.series.by_path("/s")),
    "movies.by_path": (1, lambda library, key: library.movies.by_path("/m")),
    "metadata.cached": (1, lambda library, key: library.metadata.cached("k")),
    "metadata.save": (1, lambda library, key: library.metadata.save("k", "tmdb", [2])),
    "metadata.upsert_many": (
        2,
        lambda library, key: library.metadata.upsert_many([{"cache_key": "k", "provider": "p", "response": []}]),
    ),
    "metadata.clear_expired": (1, lambda library, key: library.metadata.clear_expired()),
    "mappings.use": (1, lambda library, key: library.mappings.use(1)),
    "mappings.save": (1, lambda library, key: library.mappings.save(1, 2)),
    "mappings.save, unchanged": (2, lambda library, key: library.mappings.save(1, 1)),
    "mappings.clear_unused": (1, lambda library, key: library.mappings.clear_unused()),
}


@pytest.mark.parametrize("what", COUNTED)
def test_a_verb_runs_so_many_statements(room: Storeroom, what: str) -> None:
    expected, verb = COUNTED[what]
    with room.write() as uow:
        library = uow[StandaloneRepository]
        key = library.folders.create("/a").id
        library.series.upsert(folder_path="/s", title="S")
        library.movies.upsert(file_path="/m", title="M")
        library.metadata.save("k", "tmdb", [1])
        library.mappings.save(1, 1)
        before = uow.statements
        verb(library, key)
        assert uow.statements - before == expected
        part, name = what.split(",", maxsplit=1)[0].split(".")
        documented = inspect.getdoc(getattr(getattr(library, part), name)) or ""
    assert re.search(r"\bone statement\b", documented, re.IGNORECASE)
    tells_of_more = "two where" in documented or "and those of every" in documented
    assert tells_of_more == (what.partition(",")[0] in ("mappings.save", "metadata.upsert_many"))


def own_verbs(part: Any) -> set[str]:
    """The public verbs that the plugin defines for a part."""
    return {
        name
        for each in part.__mro__
        if each.__module__.startswith("storeroom_standalone") and issubclass(each, ModelRepository)
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_every_verb_of_the_plugin_is_counted_here(library: StandaloneRepository) -> None:
    found = {f"{part}.{name}" for part in PARTS for name in own_verbs(type(getattr(library, part)))}
    assert found == {what.split(",")[0] for what in COUNTED}
