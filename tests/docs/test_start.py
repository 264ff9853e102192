"""The first pages: what the start shows is what one sees, in its order, on each database."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli
from tests.docs.sessions import Shell
from tests.docs.snippets import blocks

__all__ = ["cli"]


@pytest.mark.dear
def test_the_start_goes_as_shown(url: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = blocks("docs/start.md", "python")
    Path("first.py").write_text(program, encoding="utf-8")
    sessions = blocks("docs/start.md", "console")
    shell = Shell(cli, monkeypatch, {"sqlite:///first.db": url})
    for session in sessions:
        shell.run(session)
    assert len(sessions) == 4
    assert "### Repositories" in Path("reference.md").read_text(encoding="utf-8")
