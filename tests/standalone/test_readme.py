"""What the plugin's README says is true: its code runs, its tables are complete."""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from storeroom import ModelRepository, Storeroom
from storeroom_standalone import StandaloneRepository
from tests.docs.snippets import ROOT, blocks, links
from tests.standalone.helpers import run
from tests.standalone.test_statements import COUNTED, PARTS

PAGE = "plugins/standalone/README.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")


def table(begins: str) -> Mapping[str, Sequence[str]]:
    """The rows of the table whose heading begins so, by their first cells."""
    rows = TEXT.partition(f"\n{begins}")[2].partition("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return {first: rest for first, *rest in cells}


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_page_runs_as_one_program(room: Storeroom, standalone_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_ALLOW", "standalone")
    found: dict[str, object] = {}
    for block in blocks(PAGE, "python"):
        exec(compile(block.replace("sqlite:///app.db", standalone_url), PAGE, "exec"), found)
    assert run(room, lambda library: library.mappings.count()) == 2


def test_every_verb_is_in_the_table_with_its_number_of_statements() -> None:
    rows = {re.sub(r"^`([\w.]+).*", r"\1", first): (first, rest) for first, rest in table("| verb |").items()}
    assert set(rows) == {what.split(",")[0] for what in COUNTED}
    for name, (_call, (_what, number)) in rows.items():
        counts = [count for what, (count, _verb) in COUNTED.items() if what.split(",")[0] == name]
        assert (number == "1") == (counts == [1])


def test_every_parameter_in_the_table_is_one(library: StandaloneRepository) -> None:
    for first in table("| verb |"):
        found = re.fullmatch(r"`(\w+)\.(\w+)\((.*)\)`", first)
        assert found is not None, first
        verb = getattr(getattr(library, found[1]), found[2])
        given = [each.rstrip("=") for each in found[3].split(", ") if each]
        assert given == list(inspect.signature(verb).parameters)


def test_the_table_of_parts_says_what_they_declare(library: StandaloneRepository) -> None:
    rows = {names(first)[0]: rest for first, rest in table("| | `upsert`").items()}
    assert list(rows) == list(PARTS)
    for name, (key, editable, filters, sorts) in rows.items():
        part: ModelRepository[Any, Any] = getattr(library, name)
        assert names(key) == list(part.conflict_key)
        assert names(filters) == list(part.filters)
        assert set(names(sorts)) == {*part.sorts, *(() if part.default_sort else names(sorts)[:1])}
        assert (names(sorts)[0],) == tuple(part.default_sort or part.conflict_key)
        if editable.startswith("all but"):
            own = {"id", "created_at", "updated_at", "version"}
            assert set(part.record.model_fields) - own - set(part.editable) == set(names(editable))
        else:
            assert names(editable) == list(part.editable)


def test_links_lead_somewhere() -> None:
    targets = links(PAGE)
    assert targets
    assert [target for target in targets if not ((ROOT / PAGE).parent / target).exists()] == []
