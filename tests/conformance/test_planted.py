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

Outcomes = Mapping[str, tuple[str, str]]


def run_suite(folder: Path, changes: Sequence[Change], *options: str, server: str = "") -> Outcomes:
    """Run the suite of a plugin with these changes in a process of its own; return what became of each check.

    That is "" for one that passed, or else what the report calls it, and its text.
    """
    write(folder, "shelf", changes)
    report = folder / "report.xml"
    command = ["pytest", "-p", "storeroom.testing", "-p", "no:cacheprovider", f"--junitxml={report}", "tests"]
    done = subprocess.run(
        [sys.executable, "-m", *command, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "TEST_PG_URL": server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("name", "").partition("[")[0].removeprefix("test_")
        result = next((each for each in case if each.tag in ("failure", "error", SKIPPED)), None)
        found[name] = ("", "") if result is None else (result.tag, f"{result.get('message')}\n{result.text}")
    return found


def expect(fault: Fault, outcomes: Outcomes) -> None:
    """Compare what became of the checks with what the fault says of them."""
    failed = {name: text for name, (result, text) in outcomes.items() if result not in ("", SKIPPED)}
    assert sorted(failed) == sorted([fault.check, *fault.also]), failed
    text = failed[fault.check]
    assert [each for each in fault.says if each not in text] == [], text
    assert "Traceback" not in text
    assert "\nE  " not in text


def without_dear(fault: Fault) -> Sequence[str]:
    """The option that leaves out the two checks that take as long as all the others, where they can't matter."""
    left_out = [name for name in ("no_lost_updates", "wheel") if name != fault.check]
    return ["-k", f"not ({' or '.join(left_out)})"]


def needing(*needs: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with the faults that show on what has this."""
    return pytest.mark.parametrize("fault", [each for each in FAULTS if each.need in needs], ids=lambda each: each.what)


@needing(requires.database_file)
def test_a_fault_fails_the_check_that_is_meant_to(fault: Fault, tmp_path: Path) -> None:
    expect(fault, run_suite(tmp_path, fault.changes, "--lane", "sqlite", *without_dear(fault)))


@pytest.mark.dear
@needing(requires.server, requires.row_locks)
def test_a_fault_that_takes_a_server_fails_it_there(fault: Fault, server: Server, tmp_path: Path) -> None:
    expect(fault, run_suite(tmp_path, fault.changes, "--lane", "postgresql", *without_dear(fault), server=server.url))


@pytest.mark.dear
def test_a_sound_plugin_passes_every_check(server: Server, tmp_path: Path) -> None:
    outcomes = run_suite(tmp_path, [], server=server.url)
    assert set(outcomes) == CHECKS
    assert {name: found for name, found in outcomes.items() if found != ("", "")} == {}


def test_a_plugin_without_tables_passes_what_is_asked_of_it(tmp_path: Path) -> None:
    brought = (
        '        models=Base,\n        migrations="sr_NAME.migrations",\n'
        "        repositories=[NameRepository, PageRepository],\n"
    )
    changes = [Change(PLUGIN_FILE, brought, ""), Change(SUITE_FILE, SUITE[SUITE.index("    races") :], "")]
    outcomes = run_suite(tmp_path, changes, "--lane", "sqlite")
    asked = {"dependencies", "hooks", "manifest", "mappers_configure", "name_collision", "no_mass_assignment"}
    assert {name for name, (result, _) in outcomes.items() if result == ""} >= asked
    assert {result for result, _ in outcomes.values()} == {"", SKIPPED}


def test_every_check_has_a_fault() -> None:
    assert CHECKS - {fault.check for fault in FAULTS} == set()
