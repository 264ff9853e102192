"""The tests that are written pass on every database, the suite that every plugin passes among them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from storeroom.testing import Databases
from tests.new.conftest import LONG_NAME
from tests.new.running import installed, run_tests


@pytest.mark.dear  # for a suite of two dozen tests each; tests/packaging has the default set
@pytest.mark.parametrize("name", ["every", "plain", LONG_NAME])
def test_its_tests_pass(
    written: Mapping[str, Path], tmp_path: Path, lane: str, databases: Databases, name: str
) -> None:
    installed(written[name], tmp_path / "site")
    done = run_tests(written[name], tmp_path / "site", lane, databases)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 1 skipped in " in done.stdout, "it lists no races, and nothing else is left out"


def test_the_suite_sees_models_that_say_more_than_the_revision(
    written: Mapping[str, Path], tmp_path: Path, databases: Databases
) -> None:
    models = written["plain"] / "src" / "storeroom_plain" / "models.py"
    models.write_text(models.read_text(encoding="utf-8") + "    more: Mapped[str]\n", encoding="utf-8")
    installed(written["plain"], tmp_path / "site")
    done = run_tests(written["plain"], tmp_path / "site", "sqlite", databases, "-k", "drift")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    assert "storeroom revision plain" in done.stdout
