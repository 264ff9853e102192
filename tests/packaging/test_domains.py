"""Each domain's distribution, installed with core and nothing else of the project's."""

import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import Environment

# A line of work with each: run on every database, in an environment that has core and this plugin only.
WORK = {
    "jobs": """
import sys
from storeroom import Storeroom
from storeroom_jobs import JobRepository

for url in sys.argv[1:]:
    with Storeroom.open(url, upgrade=True, strict=True, require=[JobRepository]) as room:
        with room.write() as uow:
            jobs = uow[JobRepository]
            jobs.create("/media/a.mkv")
            (job,) = jobs.claim("ada")
            jobs.complete(job)
            jobs.record_result(success=True, format="srt")
        with room.read() as uow:
            print(uow["jobs"].count(status="completed"), uow["jobs"].summary().by_format, *room.registry.plugins)
""",
}
SAYS = {"jobs": "1 {'srt': 1} jobs"}


@pytest.mark.parametrize("name", WORK)
def test_a_wheel_holds_all_that_the_plugin_needs(wheels: dict[str, Path], name: str) -> None:
    held = zipfile.ZipFile(wheels[f"storeroom_{name}"]).namelist()
    package = f"storeroom_{name}"
    assert {f"{package}/migrations/HEAD", f"{package}/py.typed"} <= set(held)
    assert any(each.startswith(f"{package}/migrations/versions/{name}_0001") for each in held)
    assert any(each.endswith("licenses/LICENSE") for each in held)


@pytest.mark.parametrize("name", WORK)
def test_a_domain_works_alone(
    wheels: dict[str, Path], environment: Environment, every_url: list[str], tmp_path: Path, name: str
) -> None:
    environment.install(f"{wheels['storeroom']}[postgresql]", wheels[f"storeroom_{name}"])
    done = environment.run("python", "-c", WORK[name], *every_url, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [SAYS[name]] * len(every_url)
    environment.uninstall(f"storeroom-{name}")
