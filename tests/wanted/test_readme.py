"""What the plugin's README says is true: its code runs, its tables are complete, its links lead somewhere."""

import inspect
import re

import pytest

from storeroom import Storeroom
from storeroom_wanted import ScanItem, WantedRepository
from tests.docs.snippets import ROOT, blocks, links
from tests.wanted.helpers import run

PAGE = "plugins/wanted/README.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def own_verbs() -> dict[str, str]:
    """The public verbs that the plugin defines, each with its docstring."""
    return {
        name: inspect.getdoc(value) or ""
        for each in WantedRepository.__mro__
        if each.__module__.startswith("storeroom_wanted")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_the_page_runs_as_one_program(room: Storeroom, wanted_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "wanted")
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks(PAGE, "python"):
        exec(compile(block.replace("sqlite:///app.db", wanted_url), PAGE, "exec"), names)
    assert run(room, WantedRepository.count) == 4


def test_every_verb_is_in_the_table_with_its_parameters_and_its_number_of_statements() -> None:
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \| .* \| (.*) \|$", TEXT, re.MULTILINE)
    assert {name for name, _, _ in rows} == own_verbs().keys()
    for name, listed, statements in rows:
        given = [each.rstrip("=") for each in listed.split(", ") if each not in ("", "…")]
        known = inspect.signature(getattr(WantedRepository, name)).parameters
        assert [each for each in given if each not in known] == []
        assert statements.startswith(("1", "SQLite: 1"))
        assert (statements == "1") == (re.search(r"\bone statement\.", own_verbs()[name], re.IGNORECASE) is not None)


@pytest.mark.parametrize("name", [*WantedRepository.filters, *WantedRepository.sorts, *WantedRepository.editable])
def test_every_filter_sort_and_editable_field_is_named(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_a_scan_item_has_the_fields_that_no_other_verb_sets() -> None:
    others = {"id", "status", "error", "search_count", "last_search_at", "retry_after", "added_at", "updated_at"}
    assert set(ScanItem.__annotations__) == set(WantedRepository.record.model_fields) - others - {"version"}


def test_links_lead_somewhere() -> None:
    targets = links(PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / PAGE).parent / target).exists()] == []
