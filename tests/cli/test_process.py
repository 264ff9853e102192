"""The console script as a process of its own."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("storeroom")


def test_the_script_runs() -> None:
    done = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == "storeroom 0.1.0\n"


def test_the_module_runs_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storeroom.cli", "status"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("storeroom: no database URL")


def test_without_the_extra_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['typer'] = None; from storeroom.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "storeroom: the command line needs typer and rich; pip install 'storeroom[cli]'\n"
