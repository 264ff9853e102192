"""The suite fails for each planted fault, with what to do, by the checks that are meant to; a sound plugin passes."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from storeroom.testing import Server, requires
from tests.conformance.planted import HEADS, MANIFEST, VERBS, WHEELS
from tests.conformance.planted_revisions import DOWNWARDS, UPWARDS
from tests.conformance.shelf import PLUGIN_FILE, SUITE, SUITE_FILE, Change, Fault, write

FAULTS = [*MANIFEST, *HEADS, *WHEELS, *VERBS, *UPWARDS, *DOWNWARDS]
# What the suite promises to look at; each has a fault here.
CHECKS = {
    "dependencies",
    "downgrade_to_base",
    "downgrade_to_each_revision",
    "head_is_true",
    "hooks",
    "late_install",
    "manifest",
    "mappers_configure",
    "name_collision",
    "no_drift",
    "no_lost_updates",
    "no_mass_assignment",
    "ownership",
    "uninstall_and_return",
    "upgrade_from_each_revision",
    "upgrade_from_empty",
    "verbs_are_documented",
    "verbs_are_typed",
    "wheel",
}
SKIPPED = "skipped"
# Those that take as long as all the others: left out where they can't matter.
LONG = ("no_lost_updates", "wheel")
# So many faults are in one run of pytest, which takes as long to start as a suite takes.
TOGETHER = 8

Outcomes = Mapping[str, tuple[str, str]]


def run_suites(
    folder: Path, changed: Mapping[str, Sequence[Change]], *options: str, server: str = ""
) -> Mapping[str, Outcomes]:
    """Run the suites of plugins with these changes, by their names, in one process; return what became of each check.

    That is "" for one that passed, or else what the report calls it, and its text, in which the plugin is "shelf".
    """
    sources = [write(folder / name, name, changes) / "src" for name, changes in changed.items()]
    report = folder / "report.xml"
    command = ["pytest", "-p", "storeroom.testing", "-p", "no:cacheprovider", "--rootdir=.", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", *command, *options, *(f"{name}/tests" for name in changed)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources)), "TEST_PG_URL": server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in changed}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname", "").partition(".")[0]
        check = case.get("name", "").partition("[")[0].removeprefix("test_")
        result = next((each for each in case if each.tag in ("failure", "error", SKIPPED)), None)
        text = "" if result is None else f"{result.get('message')}\n{result.text}"
        called = text.replace(name, "shelf").replace(name.capitalize(), "Shelf")
        found[name][check] = ("" if result is None else result.tag, called)
    return found


class Runs:
    """Runs faults, each with its neighbours on the list, when one of them is first asked for."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._outcomes: dict[tuple[str, str], Outcomes] = {}

    def of(self, fault: Fault, *options: str, server: str = "") -> Outcomes:
        """Return what became of the checks of a plugin with this fault."""
        if (fault.what, server) not in self._outcomes:
            alike = [each for each in FAULTS if (each.need is requires.database_file) is not bool(server)]
            start = alike.index(fault) // TOGETHER * TOGETHER
            self._run({f"shelf{number}": each for number, each in enumerate(alike)}, start, options, server)
        return self._outcomes[fault.what, server]

    def _run(self, faults: Mapping[str, Fault], start: int, options: Sequence[str], server: str) -> None:
        batch = dict(list(faults.items())[start : start + TOGETHER])
        left_out = [
            f"--deselect={name}/tests/test_{name}.py::Test{name.capitalize()}::test_{check}"
            for name, fault in batch.items()
            for check in LONG
            if check != fault.check
        ]
        changes = {name: fault.changes for name, fault in batch.items()}
        found = run_suites(self._folders.mktemp("planted"), changes, *options, *left_out, server=server)
        self._outcomes |= {(fault.what, server): found[name] for name, fault in batch.items()}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory)


def expect(fault: Fault, outcomes: Outcomes) -> None:
    """Compare what became of the checks with what the fault says of them."""
    failed = {name: text for name, (result, text) in outcomes.items() if result not in ("", SKIPPED)}
    assert sorted(failed) == sorted([fault.check, *fault.also]), failed
    text = failed[fault.check]
    assert [each for each in fault.says if each not in text] == [], text
    assert "Traceback" not in text
    assert "\nE  " not in text


def needing(*needs: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with the faults that show on what has this."""
    return pytest.mark.parametrize("fault", [each for each in FAULTS if each.need in needs], ids=lambda each: each.what)


@needing(requires.database_file)
def test_a_fault_fails_the_check_that_is_meant_to(fault: Fault, runs: Runs) -> None:
    expect(fault, runs.of(fault, "--lane", "sqlite"))


@pytest.mark.dear
@needing(requires.server, requires.row_locks)
def test_a_fault_that_takes_a_server_fails_it_there(fault: Fault, server: Server, runs: Runs) -> None:
    expect(fault, runs.of(fault, "--lane", "postgresql", server=server.url))


@pytest.mark.dear
def test_a_sound_plugin_passes_every_check(server: Server, tmp_path: Path) -> None:
    outcomes = run_suites(tmp_path, {"shelf": []}, server=server.url)["shelf"]
    assert set(outcomes) == CHECKS
    assert {name: found for name, found in outcomes.items() if found != ("", "")} == {}


def test_a_plugin_without_tables_passes_what_is_asked_of_it(tmp_path: Path) -> None:
    brought = (
        '        models=Base,\n        migrations="sr_NAME.migrations",\n'
        "        repositories=[NameRepository, PageRepository],\n"
    )
    changes = [Change(PLUGIN_FILE, brought, ""), Change(SUITE_FILE, SUITE[SUITE.index("    races") :], "")]
    outcomes = run_suites(tmp_path, {"shelf": changes}, "--lane", "sqlite")["shelf"]
    asked = {"dependencies", "hooks", "manifest", "mappers_configure", "name_collision", "no_mass_assignment"}
    assert {name for name, (result, _) in outcomes.items() if result == ""} >= asked
    assert {result for result, _ in outcomes.values()} == {"", SKIPPED}


def test_every_check_has_a_fault() -> None:
    assert CHECKS - {fault.check for fault in FAULTS} == set()
