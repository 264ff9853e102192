"""Type checkers know what a unit of work gives out, without a cast, and see the slips of whoever uses it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.sources import ROOT

EXAMPLE = ROOT / "examples" / "typed.py"
SAID = re.compile(r"^(?P<indent> +)(?P<name>\w+) = .*  # (?P<type>.+)$")
LEAST = 15

HEADER = """
from datetime import timedelta

from storeroom import Storeroom, UnitOfWork
from storeroom_jobs import JobRecord, JobRepository
from storeroom_wanted import WantedRepository


def slips(room: Storeroom, uow: UnitOfWork, job: JobRecord) -> None:
    jobs, wanted = uow[JobRepository], uow[WantedRepository]
    assert jobs.list(where={"status": "queued"}) and wanted.page(where={"text": "a"}).items
"""
# Each is one that a program makes; the last line above has none, and must pass.
SLIPS = [
    'jobs.list(where={"statsu": "queued"})',
    'jobs.list(where={"status": 1})',
    'jobs.count(where={"since": timedelta(days=1)})',
    'wanted.page(where={"upgrade_candidate": "yes"})',
    'wanted.numbered_page(1, where={"titel": "a"})',
    'list(wanted.stream(where={"text": None}))',
    'uow[WantedRepository].exists(where={"serie_id": 1})',
    'wanted.page(size="50")',
    "wanted.page().itmes",
    "wanted.page().items[0].titel",
    "job.statsu",
    "job.priority.upper()",
    'wanted.claim("ada")',
    "jobs.claim()",
    "jobs.create(5)",
    'jobs.create("/a", forse=True)',
    'jobs.create("/a", force="yes")',
    "wanted.upsert_many([1])[0]",
    "wanted.upsert_many([])[0].inserted",
    'wanted.upsert(file_path="/a").title',
    "uow[JobRecord]",
    "room.run(lambda uow: uow[JobRepository].claims())",
    "room.run(lambda uow: uow[JobRepository].create('/a')).file_paths",
]

Check = Callable[[Path], Sequence["Report"]]


@dataclass(frozen=True)
class Report:
    """What a checker says of a line: an error, or the type that it was asked for."""

    line: int
    is_error: bool
    text: str


def run(*command: str, cwd: Path) -> str:
    environ = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}  # it looks for newer versions
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def mypy(file: Path) -> Sequence[Report]:
    # In the project's folder: its settings, and its cache.
    output = run("mypy", "--no-error-summary", "--hide-error-context", str(file), cwd=ROOT)
    lines = re.findall(rf"^{re.escape(str(file))}:(\d+): (error|note): (.*)$", output, re.MULTILINE)
    return [Report(int(line), kind == "error", _shown(text)) for line, kind, text in lines]


def pyright(file: Path) -> Sequence[Report]:
    output = run("pyright", "--outputjson", "--pythonpath", sys.executable, str(file), cwd=file.parent)
    found = json.loads(output)["generalDiagnostics"]
    return [
        Report(each["range"]["start"]["line"] + 1, each["severity"] == "error", _shown(each["message"]))
        for each in found
    ]


def _shown(text: str) -> str:
    """The type alone, without its module, where the text tells of one."""
    revealed = re.fullmatch(r'(?:Revealed type|Type of ".*") is "(.*)"', text)
    return re.sub(r"\b(\w+\.)+(?=\w)", "", revealed[1]) if revealed else text


def asked() -> tuple[str, Mapping[int, str]]:
    """The example, with each type asked for that it says, and what is said of the lines that ask."""
    lines: list[str] = []
    said: dict[int, str] = {}
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        lines.append(line)
        if match := SAID.match(line):
            lines.append(f"{match['indent']}reveal_type({match['name']})")
            said[len(lines)] = match["type"]
    return "\n".join(lines), said


@pytest.mark.parametrize("check", [mypy, pyright])
def test_a_checker_infers_what_the_example_says(check: Check, tmp_path: Path) -> None:
    text, said = asked()
    assert len(said) > LEAST
    assert "cast" not in text.replace("nothing is cast", "")
    file = tmp_path / "program.py"
    file.write_text(text, encoding="utf-8")
    found = check(file)
    assert [each for each in found if each.is_error] == []
    assert {each.line: each.text for each in found} == said


@pytest.mark.parametrize("check", [mypy, pyright])
def test_a_checker_sees_each_slip(check: Check, tmp_path: Path) -> None:
    header = HEADER.lstrip().splitlines()
    file = tmp_path / "program.py"
    file.write_text("\n".join([*header, *(f"    {slip}" for slip in SLIPS), ""]), encoding="utf-8")
    wrong = {each.line for each in check(file) if each.is_error}
    numbered = dict(enumerate(SLIPS, start=len(header) + 1))
    assert [slip for number, slip in numbered.items() if number not in wrong] == []
    assert wrong - numbered.keys() == set()


def test_the_example_runs() -> None:
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/media/show/1.mkv queued 1 inserted 1 2 False 3" in done.stdout
