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
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storeroom import State, Statement, Storeroom, adoption, hookspecs, lifecycle
from storeroom.deprecation import StoreroomDeprecationWarning
from storeroom.installation import Installation
from storeroom.testing import requires
from storeroom_notes import NoteRepository
from tests.cli.conftest import Cli, cli
from tests.docs.snippets import PAGES, ROOT, blocks, links
from tests.support.distributions import install

__all__ = ["cli"]

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("page", ["README.md", "docs/using.md"])
def test_python_blocks_run_as_one_program(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)  # that they run is what is tested


def test_the_manifest_and_the_repository_of_the_plugins_page_work(url: str) -> None:
    *_, manifest, repository, checks = blocks("docs/plugins.md", "python")
    names: dict[str, object] = {}
    exec(manifest, names)
    exec(repository, names)
    exec(checks, {})
    lengths = names["LengthRepository"]
    assert isinstance(lengths, type)
    with Storeroom.open(url, allow=["notes"], upgrade=True) as room, room.write() as uow:
        note = uow["notes"].write("four")  # type: ignore[attr-defined]  # a name says nothing of the class
        assert lengths(uow).of(note.id) == len("four")


def test_the_deprecations_of_the_compatibility_page_warn() -> None:
    (code,) = blocks("docs/compatibility.md", "python")
    names: dict[str, Any] = {}
    exec(code, names)
    with pytest.warns(StoreroomDeprecationWarning, match="use 'color'$"):
        assert names["label"]("Tea", colour="green") == "Tea in green"
    with pytest.warns(StoreroomDeprecationWarning, match="use label$"):
        assert names["paint"]("Tea") == "Tea in red"


def test_the_revisions_of_the_migrations_page_apply_to_the_example(
    url: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page goes on where storeroom-notes ends, so a copy of it with its revisions is upgraded, and downgraded."""
    revisions = [block for block in blocks("docs/migrations.md", "python") if "\nrevision = " in block]
    assert len(revisions) == 3
    shutil.copytree(EXAMPLES / "storeroom-notes" / "src" / "storeroom_notes", site / "notes_copy")
    for file in (site / "notes_copy").rglob("*.py"):
        file.write_text(file.read_text().replace("storeroom_notes", "notes_copy"))
    with Storeroom.open(url, allow=["notes"], upgrade=True) as room, room.write() as uow:
        uow[NoteRepository].write("Buy tea, and more than that")
    migrations = site / "notes_copy" / "migrations"
    for revision in revisions:
        match = re.search(r'^revision = "(\w+)"', revision, re.MULTILINE)
        assert match is not None
        (migrations / "versions" / f"{match[1]}.py").write_text(revision)
        (migrations / "HEAD").write_text(f"{match[1]}\n")
    plugin = importlib.import_module("notes_copy.plugin")
    with Installation.connect(url, plugins={"notes": plugin}, discover=False) as installation:
        assert [revision for _, revision in installation.upgrade()] == [
            "notes_0002_add_a_title",
            "notes_0003_index_titles",
            "notes_0004_title_old_notes",
        ]
        with installation.database.reading() as runner:
            titles = Statement(text("SELECT title FROM notes")).all(runner)
        assert [row.title for row in titles] == ["Buy tea, and more th."]
        taken = lifecycle.downgrade(installation.database, installation.registry, "notes", "notes_0001_create_notes")
        assert [each.position for each in taken] == [4, 3, 2]


def test_the_env_py_of_the_migrations_page_keeps_alembic_away(
    url: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (env,) = [block for block in blocks("docs/migrations.md", "python") if "include_name(connection)" in block]
    with Storeroom.open(url, allow=["notes"], upgrade=True):
        pass
    (site / "program.py").write_text(
        "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n"
        "class Thing(Base):\n    __tablename__ = 'things'\n    id: Mapped[int] = mapped_column(primary_key=True)\n\n"
        f"engine = create_engine({url.replace('postgresql:', 'postgresql+psycopg:')!r})\n"
    )
    config = Config(str(site / "alembic.ini"))
    command.init(config, str(site / "program_migrations"))
    (site / "program_migrations" / "env.py").write_text(env)
    command.revision(config, "add things", autogenerate=True)
    importlib.import_module("program").engine.dispose()
    (written,) = (site / "program_migrations" / "versions").glob("*.py")
    assert "things" in written.read_text()
    assert "notes" not in written.read_text()
    assert "storeroom" not in written.read_text()


@pytest.mark.dear
def test_the_sessions_of_the_migrations_page_go_as_shown(
    url: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command in its turn: those that are refused are marked, and each line that is shown is printed."""
    monkeypatch.chdir(tmp_path)
    is_file = requires.database_file.met_by(url)
    monkeypatch.setenv("STOREROOM_URL", "sqlite:///app.db" if is_file else url)
    monkeypatch.setenv("STOREROOM_ALLOW", "notes,tags")
    lives, backups, sql = blocks("docs/migrations.md", "console")
    for session in [lives, *([backups] if is_file else [])]:
        for each in session.removeprefix("$ ").split("\n$ "):
            line, *shown = each.rstrip().splitlines()
            words, _, remark = line.partition("  # ")
            outcome = cli(*words.split()[1:])
            assert (outcome.code == 1) == (remark == "refused"), (line, outcome)
            for wanted in shown:
                pattern = ".*".join(map(re.escape, wanted.split("…")))
                assert re.search(f"^{pattern}$", outcome.out + outcome.err, re.MULTILINE), (wanted, outcome)
    assert sql == "$ storeroom upgrade --sql > upgrade.sql\n"
    assert "Everything is at its head" in cli("upgrade", "--sql").out


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


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in links(page):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_hook_is_in_the_table() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text()
    specified = [name for name, value in vars(hookspecs).items() if hasattr(value, "storeroom_spec")]
    assert [name for name in specified if f"`{name}(" not in text] == []


def test_every_state_is_in_the_table() -> None:
    text = (ROOT / "docs" / "migrations.md").read_text()
    assert [state for state in State if f"| {state} |" not in text] == []


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
