"""A Python that is too old for the project is told so by dev.py, before anything else can fail."""

import ast
import subprocess
import sys

from tests.house.sources import ROOT

OLDEST_THAT_IS_TOLD = (3, 7)

# There is no older Python at hand: this one says that it is one, which is all that dev.py asks.
PRETEND = """
import runpy, sys
sys.version_info = (3, 8, 10, "final", 0)
sys.argv = ["dev.py", "test"]
runpy.run_path({path!r}, run_name="__main__")
"""


def test_an_old_python_can_read_it() -> None:
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=OLDEST_THAT_IS_TOLD)


def test_nothing_in_it_is_evaluated_that_an_old_python_lacks() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    futures = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert "annotations" in futures, "list[str] is an error in Python 3.8, where it is evaluated"


def test_an_old_python_is_told_which_one_is_needed() -> None:
    code = PRETEND.format(path=str(ROOT / "dev.py"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Storeroom needs Python 3.11 or newer; this is ")
    assert "Traceback" not in done.stderr
