"""Programs over a distribution that was written: tools, its build, and its tests."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from storeroom.testing import Databases, requires

BIN = Path(sys.executable).parent


def succeeds(*command: str | Path, cwd: Path, **environ: str) -> None:
    """Run a command, and fail with what it says where it does."""
    done = _run(*command, cwd=cwd, **environ)
    assert done.returncode == 0, done.stdout + done.stderr


def installed(folder: Path, site: Path) -> None:
    """Build the wheel, and unpack it, which is what installing it does."""
    succeeds(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", site.parent / "wheel", cwd=folder)
    (wheel,) = (site.parent / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)


def run_tests(
    folder: Path, site: Path, lane: str, databases: Databases, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run the tests of a distribution as it configures them, with the package that was installed.

    Of PostgreSQL, they get the server of the lane, which runs already.
    """
    environ = {"PYTHONPATH": str(site)}
    if requires.server.met_by(lane):
        environ["TEST_PG_URL"], lane = databases.server(lane).url, "postgresql"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lane", lane, *words]
    return _run(*command, cwd=folder, **environ)


def _run(*command: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, check=False, timeout=110
    )
