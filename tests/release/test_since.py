"""A version says what changed since the last release: what it doesn't allow is told."""

from pathlib import Path

import pytest

from tests.release.conftest import Spoil, commit, git, replace
from tools.release.since import FACE, since_last_release
from tools.release.source import distributions

CORE, JOBS = "storeroom", "storeroom-jobs"
REVISION = "src/storeroom_jobs/migrations/versions/jobs_0001_create_jobs.py"
NEXT = "src/storeroom_jobs/migrations/versions/jobs_0002_more.py"
IS_NEW = "is new, and a patch brings no revision; make it a minor version"


@pytest.fixture
def project(project: Path) -> Path:
    """A project whose distributions were all released, as 0.1.0, and before that as something else."""
    for tag in ("storeroom-0.1.0", "storeroom-jobs-0.1.0", "storeroom-jobs-0.0.9", "storeroom-jobs-rehearsal"):
        git(project, "tag", tag)
    return project


def told(project: Path, name: str, version: str, change: Spoil) -> list[str]:
    (folder,) = (each.folder for each in distributions(project) if each.name == name)
    change(folder)
    if version != "0.1.0":
        replace(folder / "pyproject.toml", 'version = "0.1.0"', f'version = "{version}"')
    commit(project)
    (distribution,) = (each for each in distributions(project) if each.name == name)
    return list(since_last_release(project, distribution))


def edit(path: str, old: str, new: str) -> Spoil:
    return lambda folder: replace(folder / path, old, new)


def face(old: str, new: str) -> Spoil:
    return edit(f"../{FACE}", old, new)


def nothing(folder: Path) -> None:
    (folder / "README.md").write_text("Another text.\n")


def add_revision(folder: Path) -> None:
    (folder / NEXT).write_text('revision = "jobs_0002_more"\n')


@pytest.mark.parametrize(
    ("name", "version", "change", "expected"),
    [
        (JOBS, "0.1.1", nothing, []),
        (JOBS, "0.1.0", nothing, ["since 0.1.0: plugins/jobs/README.md changed; give it a version after 0.1.0"]),
        (JOBS, "0.2.0", add_revision, []),
        (JOBS, "0.1.1", add_revision, [f"since storeroom-jobs-0.1.0: plugins/jobs/{NEXT} {IS_NEW}"]),
        (
            JOBS,
            "1.0",
            edit(REVISION, "revision = ", "revision =  "),
            [
                f"since storeroom-jobs-0.1.0: plugins/jobs/{REVISION} changed or went, and databases have it; "
                "bring it back, and write another one"
            ],
        ),
        (CORE, "0.2.0", face("def storeroom.Storeroom.write()", "def storeroom.Storeroom.write(name: str = '')"), []),
        (
            CORE,
            "0.1.1",
            face("def storeroom.Storeroom.write()", "def storeroom.Storeroom.write(name: str = '')"),
            [
                "since storeroom-0.1.0: the public face changed, and a patch changes nothing of it; "
                "make it a minor version"
            ],
        ),
        (
            CORE,
            "0.2.0",
            face("def storeroom.Storeroom.write()", "def storeroom.Storeroom.begin()"),
            ["since storeroom-0.1.0: def storeroom.Storeroom.write went; deprecate it until 1.0, or make it that"],
        ),
        (CORE, "1.0.0", face("def storeroom.Storeroom.write()", "def storeroom.Storeroom.begin()"), []),
    ],
)
def test_what_a_version_may_not_bring_is_told(
    project: Path, name: str, version: str, change: Spoil, expected: list[str]
) -> None:
    assert told(project, name, version, change) == expected


def test_a_distribution_that_did_not_change_keeps_its_version(project: Path) -> None:
    assert [list(since_last_release(project, each)) for each in distributions(project)] == [[], []]


def test_a_distribution_that_was_never_released_may_bring_anything(project: Path) -> None:
    git(project, "tag", "--delete", "storeroom-jobs-0.1.0", "storeroom-jobs-0.0.9")
    assert told(project, JOBS, "0.1.0", add_revision) == []
