"""What `storeroom new` writes, as its author meets it: installed with core's wheel, checked, tested, built and used."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.packaging.conftest import Environment

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(300)  # packages may have to be downloaded
@pytest.mark.dear  # for an environment of its own, a type checker's first run, and the suite that a plugin passes
def test_a_new_plugin_is_sound_at_once(
    wheels: dict[str, Path], environment: Environment, tmp_path: Path, lanes: Sequence[str]
) -> None:
    environment.install(f"{wheels['storeroom']}[cli]")
    new = environment.run("storeroom", "new", "shelf", "--defaults", "--json", cwd=tmp_path)
    assert (new.returncode, new.stderr) == (0, "")
    folder = tmp_path / json.loads(new.stdout)["folder"]

    environment.install(f"{wheels['storeroom']}[cli,testing]", "--editable", f"{folder}[test]")
    found = environment.run("storeroom", "plugins", "--json", "--load", cwd=tmp_path)
    assert {each["name"]: each["state"] for each in json.loads(found.stdout)["plugins"]} == {"shelf": "loaded"}
    chosen = [word for lane in dict.fromkeys([lanes[0], lanes[-1]]) for word in ("--lane", lane)]
    for words in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["pytest", "-q", *chosen]):
        done = environment.run(*words, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr

    built = environment.run("python", "-m", "build", "--wheel", "--no-isolation", cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    environment.uninstall("storeroom-shelf")
    environment.install(*(folder / "dist").glob("*.whl"))
    (tmp_path / "program.py").write_text(BLOCK.findall((folder / "README.md").read_text())[0])
    used = environment.run("python", "program.py", cwd=tmp_path)
    assert (used.returncode, used.stderr) == (0, "")
    assert used.stdout == "id=1 title='first' note=None version=1\n"
