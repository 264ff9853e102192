"""The command line, run in this process as the console script would."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from storeroom.cli.app import run
from tests.migrations.conftest import server_url

__all__ = ["server_url"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run `storeroom` with these words."""

    def call(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["storeroom", *words])
        capsys.readouterr()
        code = run()
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call
