"""The public face of core is as it was recorded: whoever changes it decides to, and says so."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from storeroom import Settings, hookspecs
from storeroom.cli.app import app
from storeroom.migrations.ledger.models import LedgerBase
from tests.house.test_ladder import FACES
from tools.face import __main__ as command
from tools.face import names, record

TEXT = record.text()


def test_the_face_is_as_recorded() -> None:
    changed = record.differences()
    assert not changed, "\n".join(
        [
            "the public face of core has changed:",
            *changed,
            f"if docs/compatibility.md lets it change so, tell of it in CHANGELOG.md and run: {record.COMMAND}",
        ]
    )


def test_the_faces_are_those_that_others_may_import() -> None:
    assert set(names.FACES) == {"storeroom", "storeroom.testing", *(face.__name__ for face in FACES)}


@pytest.mark.parametrize("face", names.FACES)
def test_every_public_name_is_in_it(face: str) -> None:
    recorded = set(re.findall(rf"^[a-z ]*\b({re.escape(face)}\.\w+)", TEXT, re.MULTILINE))
    assert {f"{face}.{name}" for name in importlib.import_module(face).__all__} - recorded == set()


def test_every_setting_command_hook_and_table_is_in_it() -> None:
    lines = TEXT.splitlines()
    expected = [
        *(f"setting {name}," for name in Settings.model_fields),
        *(f"command storeroom {getattr(each.callback, '__name__', '')}" for each in app.registered_commands),
        *(f"hook {name}(" for name, each in vars(hookspecs).items() if hasattr(each, "storeroom_spec")),
        *(f"column {column}" for table in LedgerBase.metadata.tables.values() for column in table.columns),
    ]
    assert [each for each in expected if not any(line.startswith(each) for line in lines)] == []


def test_nothing_of_a_library_or_a_private_name_is_in_it() -> None:
    recorded = [line.partition("(")[0].partition(" = ")[0].partition(": ")[0].split()[-1] for line in names.names()]
    assert [path for path in recorded if "._" in path.replace(".__", "")] == []
    assert [path for path in recorded if path.endswith((".model_dump", ".with_variant", ".process_bind_param"))] == []


def test_a_change_is_shown_and_recorded_only_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "docs" / "reference" / "face.txt"
    old.parent.mkdir(parents=True)
    old.write_text(TEXT.replace("setting deny,", "setting denied,"), encoding="utf-8")
    for name, value in {"FILE": old, "ROOT": tmp_path}.items():
        monkeypatch.setattr(record, name, value)
        monkeypatch.setattr(command, name, value)
    monkeypatch.setattr(sys, "argv", ["face"])
    with pytest.raises(SystemExit, match=r"not as docs/reference/face\.txt has it; .* python3 dev\.py face --write"):
        command.main()
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["-setting denied, STOREROOM_DENY = ()", "+setting deny, STOREROOM_DENY = ()"]
    monkeypatch.setattr(sys, "argv", ["face", "--write"])
    command.main()
    assert old.read_text(encoding="utf-8") == TEXT
    assert record.differences() == []
