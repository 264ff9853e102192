"""After a fork the child has connections of its own, and never says a word on the parent's."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.core import forking

pytestmark = pytest.mark.dear

ROOT = Path(__file__).parents[2]


def run(scenarios: str, url: str) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", forking.__name__, scenarios, url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr  # nor in what runs at exit


def test_parent_and_child_both_work_on_and_nothing_is_lost(bank_url: str) -> None:
    run("idle,inside,made_before,parent_closes", bank_url)  # in one process, since starting one is what takes long


def test_a_database_in_memory_stays_with_the_parent() -> None:
    run("memory", "sqlite://")
