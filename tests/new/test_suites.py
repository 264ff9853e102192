"""The tests that are written pass on every database, the suite that every plugin passes among them."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from storeroom.testing import Databases, requires
from tests.new.conftest import LONG_NAME


def installed(folder: Path, site: Path) -> None:
    """Build the wheel, and unpack it, which is what installing it does."""
    command: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", site.parent / "wheel"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    (wheel,) = (site.parent / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)


def run_tests(folder: Path, site: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a distribution by its own configuration, with the package that was installed."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.dear  # for a suite of two dozen tests each; tests/packaging has the default set
@pytest.mark.parametrize("name", ["every", "plain", LONG_NAME])
def test_its_tests_pass(
    written: Mapping[str, Path], tmp_path: Path, lane: str, databases: Databases, name: str
) -> None:
    installed(written[name], tmp_path / "site")
    place = ["--lane", lane]
    environ = {}
    if requires.server.met_by(lane):  # on the server that runs already
        place, environ = ["--lane", "postgresql"], {"TEST_PG_URL": databases.server(lane).url}
    done = run_tests(written[name], tmp_path / "site", *place, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 1 skipped in " in done.stdout, "it lists no races, and nothing else is left out"


def test_the_suite_sees_models_that_say_more_than_the_revision(written: Mapping[str, Path], tmp_path: Path) -> None:
    models = written["plain"] / "src" / "storeroom_plain" / "models.py"
    models.write_text(models.read_text(encoding="utf-8") + "    more: Mapped[str]\n", encoding="utf-8")
    installed(written["plain"], tmp_path / "site")
    done = run_tests(written["plain"], tmp_path / "site", "--lane", "sqlite", "-k", "drift")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "storeroom revision plain" in done.stdout
