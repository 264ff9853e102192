"""The first pages: what the start shows is what one sees, in its order, on each database."""

from pathlib import Path

import pytest

from tests.docs.sessions import Shell
from tests.docs.snippets import blocks


@pytest.mark.dear
def test_the_start_goes_as_shown(url: str, tmp_path: Path) -> None:
    (program,) = blocks("docs/start.md", "python")
    (tmp_path / "first.py").write_text(program, encoding="utf-8")
    shell = Shell(tmp_path, {"sqlite:///first.db": url})
    for block in blocks("docs/start.md", "console"):
        shell.run(block)
    assert "### Repositories" in (tmp_path / "reference.md").read_text(encoding="utf-8")
    assert shell.environ["STOREROOM_URL"] == url
