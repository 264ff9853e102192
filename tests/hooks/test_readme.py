"""What the plugin's README says is true: its code runs, its tables of verbs are complete and right."""

import inspect
import re
from collections.abc import Mapping, Sequence

import pytest

from storeroom import BaseRepository, Storeroom
from storeroom_hooks import (
    ExecutionLogRepository,
    HookRepository,
    ScriptHookRepository,
    WebhookRepository,
)
from tests.docs.snippets import ROOT, blocks, links

PAGE = "plugins/hooks/README.md"
URL = "sqlite:///app.db"
PARTS: Mapping[str, type[BaseRepository]] = {
    "hooks": HookRepository,
    "hooks.scripts": ScriptHookRepository,
    "hooks.webhooks": WebhookRepository,
    "hooks.log": ExecutionLogRepository,
}


def test_the_page_runs_as_one_program(room: Storeroom, hooks_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "hooks")
    monkeypatch.setenv("STOREROOM_BUSY_TIMEOUT", "60")
    names: dict[str, object] = {}
    for block in blocks(PAGE, "python"):
        exec(compile(block.replace(URL, hooks_url), PAGE, "exec"), names)
    program = names["room"]
    assert isinstance(program, Storeroom)
    program.close()
    with room.read() as uow:
        assert uow[HookRepository].scripts.count() == 1


def table(part: str) -> Mapping[str, Sequence[str]]:
    """The verbs in the table of a repository, with the parameters that it tells."""
    section = (ROOT / PAGE).read_text(encoding="utf-8").partition(f"\n| `{part}.…` |")[2].partition("\n\n")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    calls = [call for cell in first_cells for call in re.findall(r"`(\w+)\((.*?)\)`", cell)]
    return {name: [each.rstrip("=") for each in listed.split(", ") if each not in ("", "…")] for name, listed in calls}


@pytest.mark.parametrize("part", PARTS)
def test_every_verb_is_in_its_table_with_its_parameters(part: str) -> None:
    own = {
        name: list(inspect.signature(value).parameters)[1:]
        for each in PARTS[part].__mro__
        if each.__module__.startswith("storeroom_hooks")
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    listed = table(part)
    assert listed.keys() == own.keys()
    for name, parameters in listed.items():
        assert parameters == [each for each in own[name] if each != "fields"]


def test_links_lead_somewhere() -> None:
    targets = links(PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / PAGE).parent / target).exists()] == []
