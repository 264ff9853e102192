"""No snippet of the pages goes untested: each block of Python and each session is run by a test that is named here.

Whoever adds a block names the test that runs it, or, where none can, says why in NOT_RUN.
"""

import ast
import re
from collections.abc import Mapping
from typing import Final

import pytest
import typer

from storeroom.cli.app import app
from tests.docs.snippets import PAGES, ROOT, blocks

ALL: Final = -1
DOMAINS = ("hooks", "jobs", "profiles", "providers", "standalone", "wanted")
PROGRAM = "test_the_page_runs_as_one_program"
LANGUAGES = {"python", "console", "sh", "sql", "text", "mermaid"}
EVERY = [*PAGES, *(f"plugins/{name}/README.md" for name in DOMAINS), "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]

# The tests that run a page's blocks in a language, and how many each runs.
RUN: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("README.md", "python"): {"tests/docs/test_pages.py::test_python_blocks_run_as_one_program": ALL},
    ("README.md", "console"): {"tests/docs/test_consoles.py::test_the_commands_of_the_first_page_work": ALL},
    ("docs/compatibility.md", "python"): {
        "tests/docs/test_pages.py::test_the_deprecations_of_the_compatibility_page_warn": ALL
    },
    ("docs/howto/fastapi.md", "console"): {"tests/docs/test_howto.py::test_the_program_on_fastapi": ALL},
    ("docs/howto/fastapi.md", "python"): {"tests/docs/test_howto.py::test_the_program_on_fastapi": ALL},
    ("docs/howto/flask.md", "console"): {"tests/docs/test_howto.py::test_the_program_on_flask": ALL},
    ("docs/howto/flask.md", "python"): {"tests/docs/test_howto.py::test_the_program_on_flask": ALL},
    ("docs/howto/worker.md", "console"): {
        "tests/docs/test_howto.py::test_workers_do_each_job_once_and_stop_when_told": ALL
    },
    ("docs/howto/worker.md", "python"): {
        "tests/docs/test_howto.py::test_workers_do_each_job_once_and_stop_when_told": ALL
    },
    ("docs/migrations.md", "console"): {
        "tests/docs/test_pages.py::test_the_sessions_of_the_migrations_page_go_as_shown": ALL
    },
    ("docs/migrations.md", "python"): {
        "tests/docs/test_pages.py::test_the_revisions_of_the_migrations_page_apply_to_the_example": 3,
        "tests/docs/test_pages.py::test_the_env_py_of_the_migrations_page_keeps_alembic_away": 1,
    },
    ("docs/operations.md", "console"): {
        "tests/docs/test_consoles.py::test_the_commands_of_the_operations_page_work": ALL
    },
    ("docs/operations.md", "python"): {"tests/docs/test_pages.py::test_the_adoption_of_the_operations_page_works": ALL},
    ("docs/plugins.md", "console"): {"tests/docs/test_plugins_page.py::test_the_ten_minutes_go_as_written": 2},
    ("docs/plugins.md", "python"): {
        "tests/docs/test_plugins_page.py::test_the_ten_minutes_go_as_written": 4,
        "tests/docs/test_pages.py::test_the_manifest_and_the_repository_of_the_plugins_page_work": 3,
    },
    ("docs/reference/hooks.md", "python"): {
        "tests/docs/test_reference.py::test_the_examples_of_the_hooks_work": 5,
        "tests/docs/test_reference.py::test_a_page_is_as_the_code_has_it": 5,  # their signatures, which are no programs
    },
    ("docs/repositories.md", "python"): {f"tests/docs/test_repositories_page.py::{PROGRAM}": ALL},
    ("docs/sql.md", "python"): {
        "tests/docs/test_sql_page.py::test_the_page_runs_as_one_program_and_shows_the_sql_that_runs": ALL
    },
    ("docs/start.md", "console"): {"tests/docs/test_start.py::test_the_start_goes_as_shown": ALL},
    ("docs/start.md", "python"): {"tests/docs/test_start.py::test_the_start_goes_as_shown": ALL},
    ("docs/testing.md", "python"): {"tests/docs/test_testing_page.py::test_the_tests_of_the_page_pass": ALL},
    ("docs/using.md", "python"): {"tests/docs/test_pages.py::test_python_blocks_run_as_one_program": ALL},
    **{(f"plugins/{name}/README.md", "python"): {f"tests/{name}/test_readme.py::{PROGRAM}": ALL} for name in DOMAINS},
}

# How many blocks of a page no test runs, and why.
NOT_RUN: Mapping[tuple[str, str], tuple[int, str]] = {
    ("docs/plugins.md", "console"): (
        1,
        "pip would put another storeroom-notes in the place of this environment's; tests/migrations/test_author.py "
        "writes first revisions",
    ),
    ("docs/reference/commands.md", "console"): (ALL, "these are usages, as typer writes them"),
}

WITH_BLOCKS = [(page, language) for page in EVERY for language in ("python", "console") if blocks(page, language)]


@pytest.mark.parametrize(("page", "language"), WITH_BLOCKS)
def test_every_block_is_run(page: str, language: str) -> None:
    run = RUN.get((page, language), {}).values()
    left, _why = NOT_RUN.get((page, language), (0, ""))
    numbers = [*run, *([left] if left else [])]
    assert numbers, f"name the test that runs the {language} blocks of {page}"
    assert numbers == [ALL] or sum(numbers) == len(blocks(page, language))


def test_nothing_is_named_that_is_not_there() -> None:
    assert {*RUN, *NOT_RUN} <= set(WITH_BLOCKS)
    for named in {name for tests in RUN.values() for name in tests}:
        file, _, test = named.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)], named


@pytest.mark.parametrize("page", EVERY)
def test_every_fence_says_its_language(page: str) -> None:
    """So that no block hides from the tests."""
    fences = re.findall(r"^ *```(.*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert fences[1::2] == [""] * (len(fences) // 2)
    assert set(fences[::2]) <= LANGUAGES


def spoken(page: str) -> list[str]:
    """The commands in the page's text and blocks, without what they print."""
    text = (ROOT / page).read_text(encoding="utf-8")
    inline = re.findall(r"`(storeroom [^`\n]+|python3 dev\.py [^`\n]+)`", text)
    lines = [line for language in ("console", "sh") for block in blocks(page, language) for line in block.splitlines()]
    return [*inline, *(line.removeprefix("$ ") for line in lines)]


@pytest.mark.parametrize("page", EVERY)
def test_every_command_and_option_is_one(page: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group's
    developers = set(re.findall(r'^    "(\w+)": \w+,$', (ROOT / "dev.py").read_text(), re.MULTILINE))
    for line in spoken(page):
        words = line.partition("  #")[0].split()
        if words[:2] == ["python3", "dev.py"]:
            assert words[2] in developers, line
        elif words[0] == "storeroom" and words[1] not in ("PLUGIN", "<plugin>", "--help"):
            assert words[1] in known, line
            options = {name for each in known[words[1]].params for name in each.opts} | {"--help"}
            given = {word.partition("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
            assert given <= options, line
