"""Each domain's distribution, installed with core and nothing else of the project's; then several together, and all."""

import zipfile
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.packaging.conftest import Environment

# A line of work with each, and what it prints.
WORK = {
    "hooks": (
        "uow['hooks'].webhooks.create('chat', 'done', 'https://chat.example/x', secret='s')",
        "[each.name for each in uow['hooks'].matching('done').webhooks]",
        "['chat']",
    ),
    "jobs": (
        "uow['jobs'].create('/a.mkv'); uow['jobs'].complete(*uow['jobs'].claim('ada')); "
        "uow['jobs'].record_result(success=True, format='srt')",
        "[uow['jobs'].count(status='completed'), uow['jobs'].summary().by_format]",
        "[1, {'srt': 1}]",
    ),
    "profiles": (
        "made = uow['profiles'].create('Deutsch', source_language='en', source_language_name='English', "
        "target_languages=['de'], target_language_names=['German'], translation_backend='x'); "
        "uow['profiles'].set_default(made.id)",
        "[uow['profiles'].series.resolve(1).name]",
        "['Deutsch']",
    ),
    "providers": (
        "uow['providers'].record_search('jimaku', success=True, response_ms=20.0)",
        "[uow['providers'].get('jimaku').average_response_ms]",
        "[20.0]",
    ),
    "standalone": (
        "uow['standalone'].series.upsert(folder_path='/a', title='A')",
        "[uow['standalone'].series.by_path('/a').title]",
        "['A']",
    ),
    "wanted": (
        "uow['wanted'].upsert(item_type='movie', file_path='/a', language=None, subtitle_type='full', title='A')",
        "[event.event for event in uow['wanted'].history('/a').events]",
        "['added']",
    ),
}
TOGETHER = ("jobs", "providers", "wanted")


def program(names: Collection[str]) -> str:
    """A program that opens each database with these plugins, works with each of them, and prints what came of it."""
    writes = "\n".join(f"            {WORK[name][0]}" for name in names)
    reads = "\n".join(f"            print({WORK[name][1]})" for name in names)
    return f"""
import sys
from storeroom import Storeroom

for url in sys.argv[1:]:
    with Storeroom.open(url, upgrade=True, strict=True, require={list(names)}) as room:
        print(*room.registry.plugins)
        with room.write() as uow:
{writes}
        with room.read() as uow:
{reads}
        print(room.health().errors, room.prune(dry_run=True).errors)
"""


def expected(names: Collection[str]) -> list[str]:
    return [" ".join(names), *(WORK[name][2] for name in names), "[] []"]


def check(wheels: dict[str, Path], environment: Environment, urls: list[str], folder: Path, *names: str) -> None:
    """Install core and these, run the program on every database, and remove these again."""
    environment.install(f"{wheels['storeroom']}[postgresql]", *(wheels[f"storeroom_{name}"] for name in names))
    done = environment.run("python", "-c", program(names), *urls, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == expected(names) * len(urls)
    for name in names:
        environment.uninstall(f"storeroom-{name}")


@pytest.mark.parametrize("name", WORK)
def test_a_wheel_holds_all_that_the_plugin_needs(wheels: dict[str, Path], name: str) -> None:
    held = zipfile.ZipFile(wheels[f"storeroom_{name}"]).namelist()
    package = f"storeroom_{name}"
    assert {f"{package}/migrations/HEAD", f"{package}/py.typed"} <= set(held)
    assert any(each.startswith(f"{package}/migrations/versions/{name}_0001") for each in held)
    assert any(each.endswith("licenses/LICENSE") for each in held)


@pytest.mark.dear
@pytest.mark.parametrize("name", WORK)
def test_a_domain_works_alone(
    wheels: dict[str, Path], environment: Environment, every_url: list[str], tmp_path: Path, name: str
) -> None:
    check(wheels, environment, every_url, tmp_path, name)


@pytest.mark.dear
@pytest.mark.parametrize("names", [TOGETHER, tuple(WORK)])
def test_domains_work_together(
    wheels: dict[str, Path], environment: Environment, every_url: list[str], tmp_path: Path, names: tuple[str, ...]
) -> None:
    check(wheels, environment, every_url, tmp_path, *names)
