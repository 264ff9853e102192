"""The tests that are written pass on every database, the suite that every plugin passes among them."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.new.conftest import SETS

# tests/packaging has the other, in an environment of its own.
NAMES = [name for name in SETS if name != "shelf"]


def installed(folder: Path, site: Path) -> None:
    """Build the wheel, and unpack it, which is what installing it does."""
    command: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", site.parent / "wheel"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    (wheel,) = (site.parent / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)


@pytest.mark.dear
@pytest.mark.parametrize("name", NAMES)
def test_its_tests_pass(written: Mapping[str, Path], tmp_path: Path, lane: str, name: str) -> None:
    installed(written[name], tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lane", lane],
        cwd=written[name],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 1 skipped in " in done.stdout, "it lists no races, and nothing else is left out"


def test_a_test_that_fails_is_seen(written: Mapping[str, Path], tmp_path: Path) -> None:
    """Models that say more than the revision: the suite must find it."""
    models = written["plain"] / "src" / "storeroom_plain" / "models.py"
    models.write_text(models.read_text(encoding="utf-8") + "    more: Mapped[str]\n", encoding="utf-8")
    installed(written["plain"], tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lane", "sqlite", "-k", "drift"],
        cwd=written["plain"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "storeroom revision plain" in done.stdout
