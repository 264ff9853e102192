"""What the plugin's README says is true: its code runs, its tables are complete, its links lead somewhere."""

import inspect
import re

import pytest

import storeroom_profiles
from storeroom import Storeroom
from storeroom_profiles import ProfileRepository
from storeroom_profiles.assignments import AssignmentVerbs
from tests.docs.snippets import ROOT, blocks, links
from tests.profiles.helpers import run

PAGE = "plugins/profiles/README.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_page_runs_as_one_program(room: Storeroom, profiles_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "profiles")
    names: dict[str, object] = {}
    for block in blocks(PAGE, "python"):
        exec(compile(block.replace("sqlite:///app.db", profiles_url), PAGE, "exec"), names)
    assert [each.name for each in run(room, ProfileRepository.list)] == ["Anime", "Settings"]


def table(heading: str) -> dict[str, list[str]]:
    """The calls in the first column of a table, by verb, with their parameters."""
    section = TEXT.partition(heading)[2].partition("\n\n|")[2].partition("\n\n")[0]
    calls = re.findall(r"`(\w+)\((.*?)\)`", "\n".join(line.split(" | ")[0] for line in section.splitlines()))
    return {name: [each.rstrip("=") for each in given.split(", ") if each not in ("", "…")] for name, given in calls}


@pytest.mark.parametrize(
    ("heading", "owner"), [("## All verbs", ProfileRepository), ("`series` and `movies` are", AssignmentVerbs)]
)
def test_every_verb_and_only_verbs_are_in_the_tables(heading: str, owner: type) -> None:
    own = {name: each for name, each in vars(owner).items() if inspect.isfunction(each) and name[0] != "_"}
    listed = table(heading)
    assert set(listed) == set(own)
    for name, parameters in listed.items():
        assert set(parameters) <= set(inspect.signature(own[name]).parameters)


def test_the_error_of_the_plugin_is_named() -> None:
    assert "`DefaultProfile`" in TEXT or "except DefaultProfile" in TEXT
    assert "DefaultProfile" in storeroom_profiles.__all__


def test_links_lead_somewhere() -> None:
    targets = links(PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / PAGE).parent / target).exists()] == []
