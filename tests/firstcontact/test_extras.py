"""Installations that lack something: only the packages that are named are there, in a folder of links."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.firstcontact.conftest import ATTENTION, OK, WRONG_USAGE, Answer
from tests.house.sources import CORE

RUN = "from storeroom.cli import main; main()"
PYTHON = """
from storeroom import Storeroom
from storeroom.errors import StoreroomError

def tell(url, **options):
    try:
        with Storeroom.open(url, **options) as room, room.read() as uow:
            uow["notes"]
    except StoreroomError as error:
        print(f"{type(error).__name__}: {error}")
"""


def wanted(extras: Iterable[str]) -> set[str]:
    """The distributions that core with these extras needs, and what they need, by their plain names."""
    project = tomllib.loads((CORE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return set(closure([*project["dependencies"], *(each for extra in extras for each in optional[extra])]))


def closure(requirements: Iterable[str], extras: Iterable[str] = ()) -> Iterator[str]:
    for requirement in map(Requirement, requirements):
        contexts = [{"extra": extra} for extra in (*extras, "")]
        if requirement.marker is None or any(map(requirement.marker.evaluate, contexts)):
            yield canonicalize_name(requirement.name)
            yield from closure(distribution(requirement.name).requires or (), requirement.extras)


def packages(name: str) -> set[Path]:
    """What a distribution has put beside the others: its packages, modules and metadata."""
    folder = Path(str(distribution(name).locate_file("")))
    files = distribution(name).files or ()
    return {folder / file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}


class Site:
    """A folder to import from, with core and what it needs, for a Python that looks nowhere else."""

    def __init__(self, folder: Path, *extras: str, without: tuple[str, ...] = ()) -> None:
        self.folder = folder
        paths = {path for name in wanted(extras) - set(without) for path in packages(name)}
        metadata = {path for path in packages("storeroom") if path.suffix == ".dist-info"}
        for path in {*paths, *metadata, CORE / "storeroom"}:
            (folder / path.name).symlink_to(path)

    def run(self, code: str, *words: str) -> Answer:
        start = f"import sys; sys.path.append({str(self.folder)!r}); sys.argv[0] = 'storeroom'\n{code}"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [sys.executable, "-I", "-S", "-c", start, *words]
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(("extras", "without"), [((), ()), (("cli",), ("rich",)), (("cli",), ("typer",))])
def test_the_command_without_its_extra(tmp_path: Path, extras: tuple[str, ...], without: tuple[str, ...]) -> None:
    answer = Site(tmp_path, *extras, without=without).run(RUN, "plugins")
    assert answer.code == WRONG_USAGE
    assert answer.line == "the command line needs typer and rich; pip install 'storeroom[cli]'"


def test_postgresql_without_its_driver(tmp_path: Path) -> None:
    code = f"{PYTHON}\ntell('postgresql://ada:s3cr3t@host/x'); tell('sqlite://', upgrade=True)"
    answer = Site(tmp_path).run(code)
    assert answer.out.splitlines() == [
        "ExtraMissing: PostgreSQL needs the psycopg driver (No module named 'psycopg'); "
        "pip install 'storeroom[postgresql]'",
        "RepositoryMissing: no repository 'notes': plugin 'notes' isn't installed; install the distribution that "
        "brings it, such as storeroom-notes (in use: none)",
    ]


def test_postgresql_with_a_driver_that_lacks_its_library(tmp_path: Path) -> None:
    site = Site(tmp_path, "cli", "postgresql", without=("psycopg-binary",))
    answer = site.run(
        "import os; os.environ['PSYCOPG_IMPL'] = 'binary'\n" + RUN, "status", "--url", "postgresql://host/x"
    )
    assert answer.code == WRONG_USAGE
    assert answer.line.startswith("PostgreSQL needs the psycopg driver (couldn't import")
    assert answer.line.endswith("pip install 'storeroom[postgresql]'")


TESTING = """
from storeroom.errors import ExtraMissing
try:
    from storeroom.testing import Conformance
except ExtraMissing as error:
    print(error, error.extra)
"""


@pytest.mark.parametrize(
    ("extras", "without", "lacks"),
    [
        ((), (), "pytest"),
        (("testing",), ("psycopg", "psycopg-binary"), "psycopg"),
        (("testing",), ("build",), "build"),
    ],
)
def test_the_tools_for_tests_without_their_extra(
    tmp_path: Path, extras: tuple[str, ...], without: tuple[str, ...], lacks: str
) -> None:
    answer = Site(tmp_path, *extras, without=without).run(TESTING)
    assert answer.out == (
        f"storeroom.testing needs {lacks}, which isn't installed; pip install 'storeroom[testing]' testing\n"
    )


def test_a_command_without_any_plugin(tmp_path: Path) -> None:
    site = Site(tmp_path, "cli")
    found = site.run(RUN, "plugins")
    assert (found.code, found.err) == (OK, "")
    assert found.out == "no plugins are installed; pip install one, such as storeroom-notes\n"
    url = f"sqlite:///{tmp_path}/app.db"
    assert site.run(RUN, "upgrade", "--url", url).code == OK
    assert site.run(RUN, "status", "--url", url).code == OK
    purged = site.run(RUN, "purge", "notes", "--url", url)
    assert purged.code == ATTENTION
    assert purged.line.startswith(f"the ledger of {url} holds no plugin 'notes'")
