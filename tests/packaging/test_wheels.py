"""The distributions as users get them: built, installed into empty environments, used and removed."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

from tests.docs.snippets import ROOT, blocks
from tests.packaging.conftest import Environment

# Run in the environment, once for all databases: what the command says, and what a program does.
LOOK = """
import contextlib, io, json, sys
from storeroom.cli.app import run

def storeroom(*words):
    sys.argv = ["storeroom", *words, "--json"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = run()
    return code, json.loads(out.getvalue())

command, *urls = sys.argv[1:]
print(json.dumps([storeroom(command, "--url", url) for url in urls]))
"""
USE = """
import sys
from storeroom import Storeroom

for url in sys.argv[1:]:
    with Storeroom.open(url) as room, room.write() as uow:
        note = uow["notes"].write("kept")
        if "tags" in room.registry.plugins:
            uow["tags"].put(note.id, "label")
        print(uow["notes"].count())
"""


def test_wheels_hold_revisions_head_types_and_licence(wheels: dict[str, Path]) -> None:
    held = {name: zipfile.ZipFile(file).namelist() for name, file in wheels.items()}
    assert {
        "storeroom/migrations/ledger/HEAD",
        "storeroom/migrations/ledger/versions/storeroom_0001_ledger.py",
        "storeroom/py.typed",
        "storeroom/__init__.pyi",
    } <= set(held["storeroom"])
    assert any(name.endswith("licenses/LICENSE") for name in held["storeroom"])
    assert {
        "storeroom_notes/migrations/HEAD",
        "storeroom_notes/migrations/versions/notes_0001_create_notes.py",
        "storeroom_notes/py.typed",
    } <= set(held["storeroom_notes"])


def test_cores_wheel_holds_the_templates_of_new_plugins(wheels: dict[str, Path]) -> None:
    source = ROOT / "core" / "src"
    templates = [file for file in (source / "storeroom/cli/new/templates").rglob("*") if file.is_file()]
    assert len(templates) > 15
    held = zipfile.ZipFile(wheels["storeroom"]).namelist()
    assert {file.relative_to(source).as_posix() for file in templates} <= set(held)


def test_the_readme_works_for_a_user(wheels: dict[str, Path], environment: Environment, tmp_path: Path) -> None:
    """Core and one plugin in an empty environment, and the README's ten lines, with nothing of the checkout."""
    install = next(block for block in blocks("README.md", "sh") if "app/bin/pip install" in block)
    patterns = [re.compile(each.replace("*", ".*")) for each in re.findall(r"dist/(\S+)\.whl", install)]
    chosen = [file for file in wheels.values() if any(pattern.match(file.stem) for pattern in patterns)]
    assert {file.name.partition("-")[0] for file in chosen} == {"storeroom", "storeroom_notes"}
    environment.install(*chosen)
    (tmp_path / "notes.py").write_text(blocks("README.md", "python")[0])
    for expected in (["1 Buy tea"], ["1 Buy tea", "2 Buy tea"]):
        done = environment.run("python", "notes.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.findall(r"^\d+ Buy tea", done.stdout, re.MULTILINE) == expected


def test_plugins_of_a_third_party_come_and_go(
    wheels: dict[str, Path], environment: Environment, every_url: list[str], tmp_path: Path
) -> None:
    environment.install(f"{wheels['storeroom']}[cli,postgresql]", wheels["storeroom_notes"], wheels["storeroom_tags"])

    def look(command: str) -> list[tuple[int, Any]]:
        done = environment.run("python", "-c", LOOK, command, *every_url, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return [(code, report) for code, report in json.loads(done.stdout)]

    def states(command: str) -> list[tuple[int, dict[str, str]]]:
        return [(code, {each["name"]: each["state"] for each in report["plugins"]}) for code, report in look(command)]

    def use() -> list[int]:
        done = environment.run("python", "-c", USE, *every_url, cwd=tmp_path)
        return [int(line) for line in done.stdout.split()]

    found = environment.run("storeroom", "plugins", "--json", cwd=tmp_path)
    assert {each["name"]: each["state"] for each in json.loads(found.stdout)["plugins"]} == {
        "notes": "found",
        "tags": "found",
    }
    for code, report in look("upgrade"):
        assert code == 0
        assert [each["plugin"] for each in report["applied"] if each["plugin"] != "storeroom"] == ["notes", "tags"]
    assert use() == [1 for _ in every_url]

    environment.uninstall("storeroom-tags")
    assert states("status") == [(1, {"storeroom": "current", "notes": "current", "tags": "orphaned"})] * len(every_url)
    assert use() == [2 for _ in every_url]

    environment.install(wheels["storeroom_tags"])
    assert states("status") == [(0, {"storeroom": "current", "notes": "current", "tags": "current"})] * len(every_url)

    environment.uninstall("storeroom-notes")
    assert states("status") == [(1, {"storeroom": "current", "notes": "orphaned", "tags": "quarantined"})] * len(
        every_url
    )
