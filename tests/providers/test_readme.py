"""What the plugin's README says is true: its code runs, its tables have every verb, its links lead somewhere."""

import inspect
import re
from collections.abc import Iterator

import pytest

from storeroom import Storeroom
from storeroom_providers import DownloadRepository, ProviderRepository, SearchCacheRepository
from tests.docs.snippets import ROOT, blocks, links
from tests.providers.helpers import run

PAGE = "plugins/providers/README.md"
URL = "sqlite:///app.db"
REPOSITORIES = (ProviderRepository, SearchCacheRepository, DownloadRepository)


def test_the_page_runs_as_one_program(room: Storeroom, providers_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "providers")
    names: dict[str, object] = {}
    code = blocks(PAGE, "python")
    assert code
    for block in code:
        assert block is not code[0] or URL in block
        exec(compile(block.replace(URL, providers_url), PAGE, "exec"), names)
    found = run(room, lambda providers: providers.all())
    assert [(each.provider, each.searches, each.search_failures) for each in found] == [
        ("jimaku", 1, 0),
        ("subdl", 3, 3),
    ]


def rows() -> Iterator[tuple[str, str, str]]:
    """The calls of the tables of verbs, with the number of statements, in the order of the page."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").partition("\n## All verbs\n")[2]
    for line in text.splitlines():
        if line.startswith("| `"):
            for name, parameters in re.findall(r"`(\w+)\((.*?)\)`", line.split("|")[1]):
                yield name, parameters, line.split("|")[-2].strip()


def test_every_verb_is_in_the_tables_with_its_parameters_and_number_of_statements() -> None:
    listed = list(rows())
    own = [
        (name, value)
        for repository in REPOSITORIES
        for each in repository.__mro__
        if each.__module__.startswith("storeroom_providers")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    ]
    assert sorted(name for name, _parameters, _count in listed) == sorted(name for name, _value in own)
    for name, parameters, count in listed:
        given = [each.rstrip("=") for each in parameters.split(", ") if each not in ("", "…")]
        fitting = [
            value for verb, value in own if verb == name and set(given) <= set(inspect.signature(value).parameters)
        ]
        assert fitting, name
        assert (count == "1") == (name != "is_disabled")


def test_links_lead_somewhere() -> None:
    targets = links(PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / PAGE).parent / target).exists()] == []
