"""What only looks imports neither SQLAlchemy nor a plugin."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.distributions import install

REPORT = """
import json, sys
try:
    {code}
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted(sys.modules)))
"""
COMMAND = "sys.argv = ['storeroom', {argument!r}]; from storeroom.cli import main; main()"


@pytest.mark.parametrize(
    "code",
    [
        "import storeroom; storeroom.__version__; from storeroom.discovery import discover; discover()",
        COMMAND.format(argument="--version"),
        COMMAND.format(argument="plugins"),
    ],
    ids=["discover", "--version", "plugins"],
)
def test_looking_imports_neither_sqlalchemy_nor_a_plugin(site: Path, code: str) -> None:
    install(site, "alpha", {"alpha_plugin.py": "raise RuntimeError('imported')"})
    run = subprocess.run(
        [sys.executable, "-c", REPORT.format(code=code)], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}
    assert "storeroom" in loaded
    assert loaded & {"sqlalchemy", "alembic", "psycopg", "jinja2"} == set()
    assert loaded & {"alpha_plugin", "storeroom_notes", "storeroom_tags"} == set()
    if "plugins" in code:
        assert "alpha" in run.stdout
