"""What the pages say is true: their code runs, their links lead somewhere, their lists are complete."""

import importlib
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from storeroom import Settings, State, Storeroom, adoption, hookspecs
from storeroom.cli.app import app
from storeroom_notes import NoteRepository
from tests.docs.snippets import PAGES, ROOT, blocks, links
from tests.support.distributions import install

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("page", ["README.md", "docs/using.md"])
def test_python_blocks_run_as_one_program(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)  # that they run is what is tested


def test_the_manifest_and_the_repository_of_the_plugins_page_work(url: str) -> None:
    manifest, repository, checks = blocks("docs/plugins.md", "python")
    names: dict[str, object] = {}
    exec(manifest, names)
    exec(repository, names)
    exec(checks, {})
    lengths = names["LengthRepository"]
    assert isinstance(lengths, type)
    with Storeroom.open(url, allow=["notes"], upgrade=True) as room, room.write() as uow:
        note = uow["notes"].write("four")  # type: ignore[attr-defined]  # a name says nothing of the class
        assert lengths(uow).of(note.id) == len("four")


def test_the_revisions_of_the_migrations_page_apply_to_the_example(
    url: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page goes on where storeroom-notes ends, so a copy of it with both revisions is upgraded."""
    first, second = blocks("docs/migrations.md", "python")
    shutil.copytree(EXAMPLES / "storeroom-notes" / "src" / "storeroom_notes", site / "notes_copy")
    for file in (site / "notes_copy").rglob("*.py"):
        file.write_text(file.read_text().replace("storeroom_notes", "notes_copy"))
    migrations = site / "notes_copy" / "migrations"
    for revision in (first, second):
        match = re.search(r'^revision = "(\w+)"', revision, re.MULTILINE)
        assert match is not None
        (migrations / "versions" / f"{match[1]}.py").write_text(revision)
        (migrations / "HEAD").write_text(f"{match[1]}\n")
    plugin = importlib.import_module("notes_copy.plugin")
    with Storeroom.open(url, plugins={"notes": plugin}, discover=False, upgrade=True) as room:
        assert [each.database_head for each in room.status()][-1] == "notes_0003_index_titles"


def test_the_adoption_of_the_operations_page_works(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks("docs/operations.md", "python"):
        exec(compile(block, "docs/operations.md", "exec"), names)
    with closing(sqlite3.connect("memos.db")) as memopad, memopad:
        memopad.execute("CREATE TABLE memos (id INTEGER PRIMARY KEY, body TEXT, written_on TEXT, colour TEXT)")
        memopad.execute("INSERT INTO memos VALUES (7, 'Buy tea', '2026-02-18T13:14:50', 'red'), (8, '', NULL, NULL)")
    notes = ModuleType("notes")
    vars(notes).update(
        storeroom_manifest=importlib.import_module("storeroom_notes.plugin").storeroom_manifest,
        storeroom_adopt=names["storeroom_adopt"],
    )
    with Storeroom.open(url, plugins={"notes": notes}, discover=False, upgrade=True) as room:
        (report,) = room.adopt("memopad", "memos.db").tables
        with room.read() as uow:
            note = uow[NoteRepository].get(7)
    assert (report.read, report.written, report.left_out, report.unknown_columns) == (2, 1, 1, [])
    assert [(each.key, each.cause) for each in report.notes] == [("8", "text: there is nothing")]
    assert (note.text, note.created_at) == ("Buy tea", datetime(2026, 2, 18, 13, 14, 50, tzinfo=UTC))


def test_everything_of_adoptions_is_on_the_page() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [
        name for name in adoption.__all__ if f"`{name}" not in text and name not in ("Field", "TableAdoption")
    ] == []


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in links(page):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_setting_is_in_the_table() -> None:
    text = (ROOT / "docs" / "using.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []


def test_every_hook_is_in_the_table() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    specified = [name for name, value in vars(hookspecs).items() if hasattr(value, "storeroom_spec")]
    assert [name for name in specified if f"`{name}(" not in text] == []


def test_every_state_is_in_the_table() -> None:
    text = (ROOT / "docs" / "migrations.md").read_text()
    assert [state for state in State if f"| {state} |" not in text] == []


def test_every_command_is_named() -> None:
    text = (ROOT / "docs" / "using.md").read_text()
    callbacks = [command.callback for command in app.registered_commands]
    names = [callback.__name__ for callback in callbacks if callback is not None]
    assert "upgrade" in names
    assert [name for name in names if name not in text] == []


def test_the_changelog_tells_of_the_version() -> None:
    assert f"## {version('storeroom')}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_smallest_plugin_has_under_100_lines() -> None:
    files = [
        file
        for file in (EXAMPLES / "storeroom-notes").rglob("*")
        if file.suffix in (".py", ".toml") or file.name == "HEAD"
    ]
    assert len(files) == 7
    assert sum(len(file.read_text().splitlines()) for file in files) < 100


def test_install_helper_is_what_pip_would_leave(site: Path) -> None:
    """The distributions that tests make on the spot are found as installed ones are."""
    install(site, "alpha", {"alpha_plugin.py": ""}, version="3.1")
    assert version("storeroom-alpha") == "3.1"
