"""The reference pages are as the code is: every hook, error, setting and command is in them, and every example runs."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from storeroom import Settings, Storeroom
from storeroom.cli.app import app
from storeroom.discovery import discover
from storeroom.errors import StoreroomError
from storeroom.registry import build_registry
from storeroom_jobs import JobRepository
from tools.reference import errors, hooks
from tools.reference.domains import DOMAINS
from tools.reference.pages import PAGES, ROOT

COMMANDS: Mapping[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group's


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_as_the_code_has_it(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path](), "run: python3 dev.py docs --write"


@pytest.mark.parametrize("error", errors.classes())
def test_an_error_says_what_to_do(error: type[StoreroomError]) -> None:
    assert errors.cure(error)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_says_what_it_is_for(name: str) -> None:
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("name", hooks.specified())
def test_a_hook_has_an_example_and_tells_of_each_argument(name: str) -> None:
    hook = hooks.specified()[name]
    assert f"def {name}(" in hooks.example(hook)
    arguments = hook.__code__.co_varnames[: hook.__code__.co_argcount]
    assert [each for each in arguments if f"- `{each}`: " not in (hook.__doc__ or "")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_what_each_of_its_words_is(name: str) -> None:
    assert COMMANDS[name].help
    assert [each.name for each in COMMANDS[name].params if not each.help] == []


def test_a_hook_that_a_domain_specifies_is_on_its_page() -> None:
    registry = build_registry(discover(allow=DOMAINS))
    specified = [
        (name, hook)
        for name, plugin in registry.plugins.items()
        for hook in registry.hooks.specified(plugin.manifest.hookspecs)
    ]
    pages = {name: (ROOT / "plugins" / name / "README.md").read_text(encoding="utf-8") for name in DOMAINS}
    assert ("wanted", "wanted_history") in specified
    assert [hook for name, hook in specified if f" {hook}(" not in pages[name]] == []


@pytest.fixture
def examples() -> ModuleType:
    """A plugin `jobs` that is made of the examples of all hooks."""
    module = ModuleType("examples")
    for name, hook in hooks.specified().items():
        exec(compile(hooks.example(hook), name, "exec"), vars(module))
    return module


def test_the_examples_of_the_hooks_work(
    url: str, examples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "tasks.db")) as tasks, tasks:
        tasks.execute("CREATE TABLE tasks (id TEXT PRIMARY KEY, path TEXT, state TEXT, made_on TEXT)")
        tasks.execute("INSERT INTO tasks VALUES ('a', '/a', 'done', '2026-02-18'), ('b', '/b', 'queued', '2026-10-01')")
    with Storeroom.open(url, plugins={"jobs": examples}, discover=False, upgrade=True, strict=True) as room:
        assert set(hooks.specified()) <= set(dir(examples))
        (adopted,) = room.adopt("taskpad", tmp_path / "tasks.db").tables
        (mended,) = adopted.notes
        assert (adopted.written, mended.cause) == (2, "status: 'done' becomes 'completed'")
        assert room.health().results == {"jobs": ()}
        with room.write() as uow:
            uow[JobRepository].set_status("b", "dead")
        (finding,) = room.health().results["jobs"]
        assert finding.problem == "dead jobs: 1 ('b')"
        (pruned,) = room.prune({"jobs": timedelta(days=1)}).pruned
        assert (pruned.rows, pruned.count) == ("finished jobs", 2)
        with room.write() as uow:
            uow[JobRepository].create("/c")
    monkeypatch.setenv("STOREROOM_ALLOW", "jobs")
    ran = CliRunner().invoke(examples.storeroom_commands(), ["--url", url])
    assert (ran.exit_code, ran.stdout) == (0, "1\n")
