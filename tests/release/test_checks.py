"""Each thing that may be wrong with what was built is told, with what to do about it."""

from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path

import pytest
from packaging.version import Version

from tests.release.conftest import TIME, Spoil, replace
from tools.release import checks
from tools.release.building import Built, build
from tools.release.source import NotReleasable, distributions

BuildPlugin = Callable[[Spoil], Built]


def problems(built: Built) -> list[str]:
    return [problem for check in checks.CHECKS for problem in check(built)]


def pyproject(old: str, new: str) -> Spoil:
    return lambda folder: replace(folder / "pyproject.toml", old, new)


def remove(path: str) -> Spoil:
    return lambda folder: (folder / path).unlink()


def without_licence(folder: Path) -> None:
    (folder / "LICENSE").unlink()
    replace(folder / "pyproject.toml", '"LICENSE"', '"LICENCE*"')


def with_a_stranger(folder: Path) -> None:
    (folder / "notes.txt").write_text("for me only")
    wheel = "[tool.hatch.build.targets.wheel]"
    forced = '[tool.hatch.build.targets.wheel.force-include]\n"notes.txt" = "notes.txt"'
    replace(folder / "pyproject.toml", wheel, f"{forced}\n{wheel}")


SPOILT: dict[str, tuple[Spoil, list[str]]] = {
    "nothing": (lambda folder: None, []),
    "summary": (
        pyproject('description = "', 'summary = "'),
        ["metadata: there is no summary; add it to pyproject.toml"],
    ),
    "readme": (
        lambda folder: (folder / "README.md").write_text(" "),
        ["README: it is empty, or doesn't render; write what the distribution is for"],
    ),
    "types": (remove("src/storeroom_jobs/py.typed"), ["wheel: there is no storeroom_jobs/py.typed"]),
    "licence": (
        without_licence,
        [
            "metadata: there is no license_files; add it to pyproject.toml",
            "wheel: there is no storeroom_jobs-0.1.0.dist-info/licenses/LICENSE",
            "sdist: there is no LICENSE",
        ],
    ),
    "head": (
        remove("src/storeroom_jobs/migrations/HEAD"),
        ["revisions: there are 0 files HEAD, and one is needed; storeroom revision writes it"],
    ),
    "head of another": (
        lambda folder: (folder / "src/storeroom_jobs/migrations/HEAD").write_text("jobs_0009_more\n"),
        [
            "revisions: HEAD is jobs_0009_more, and there is no storeroom_jobs/migrations/versions/jobs_0009_more.py",
        ],
    ),
    "revisions": (
        pyproject("[tool.hatch.build.targets.wheel]", '[tool.hatch.build.targets.wheel]\nexclude = ["versions"]'),
        [
            "wheel: storeroom_jobs/migrations/versions/jobs_0001_create_jobs.py isn't in it; see [tool.hatch.build]",
            "wheel: storeroom_jobs/migrations/versions/jobs_0002_index_compared_jobs.py isn't in it; see "
            "[tool.hatch.build]",
            "revisions: HEAD is jobs_0002_index_compared_jobs, and there is no "
            "storeroom_jobs/migrations/versions/jobs_0002_index_compared_jobs.py",
        ],
    ),
    "strangers": (
        with_a_stranger,
        ["wheel: notes.txt doesn't belong there; see [tool.hatch.build]"],
    ),
    "sdist": (
        pyproject(
            "[tool.hatch.build.targets.wheel]",
            '[tool.hatch.build.targets.sdist]\nexclude = ["backoff.py"]\n[tool.hatch.build.targets.wheel]',
        ),
        [
            "sdist: src/storeroom_jobs/backoff.py isn't in it; see [tool.hatch.build]",
            "sdist: the wheel that is built from it is another; see what the sdist leaves out",
        ],
    ),
    "entry point": (
        pyproject('jobs = "storeroom_jobs.plugin"', 'job = "storeroom_jobs.plugins"'),
        [
            "entry points: [storeroom] has job, and should have jobs",
            "entry points: storeroom_jobs.plugins isn't in the wheel",
        ],
    ),
}


@pytest.mark.parametrize("slip", SPOILT)
def test_what_is_wrong_is_told(build_plugin: BuildPlugin, slip: str) -> None:
    spoil, expected = SPOILT[slip]
    assert problems(build_plugin(spoil)) == expected


def test_a_version_that_is_none_is_told(build_plugin: BuildPlugin) -> None:
    with pytest.raises(NotReleasable, match=r"^jobs has no version: .*'one'; correct its pyproject\.toml"):
        build_plugin(pyproject('version = "0.1.0"', 'version = "one"'))


def test_what_can_not_be_built_is_told(build_plugin: BuildPlugin) -> None:
    with pytest.raises(NotReleasable, match=r"(?s)^jobs can't be built: .*licenze"):
        build_plugin(pyproject('license = "MIT"', 'license = "licenze"'))


def test_a_path_of_the_machine_is_found(build_plugin: BuildPlugin) -> None:
    built = build_plugin(
        lambda folder: (folder / "src/storeroom_jobs/backoff.py").write_text('DATA = "/home/ada/work"\n')
    )
    assert list(checks.of_nowhere(built, [Path("/home/ada"), Path("/srv")])) == [
        "wheel: storeroom_jobs/backoff.py has the path /home/ada",
        "sdist: src/storeroom_jobs/backoff.py has the path /home/ada",
    ]


def test_a_second_build_that_differs_is_told(build_plugin: BuildPlugin, tmp_path: Path) -> None:
    built = build_plugin(lambda folder: None)
    same = build(built.distribution, tmp_path / "same", time=TIME)
    later = build(built.distribution, tmp_path / "later", time=TIME + 60)
    assert list(checks.reproducible(built, same)) == []
    assert list(checks.reproducible(built, later)) == [
        f"{file.name}: a second build gave another file; nothing that is built may depend on time or place"
        for file in (built.sdist, built.wheel)
    ]


@pytest.mark.parametrize(
    ("requires", "core", "expected"),
    [
        ("storeroom>=0.1,<1", "0.1.0", []),
        ("storeroom>=0.1,<1", "0.9", []),
        ("storeroom>=0.2,<1", "0.1.0", ["it requires storeroom<1,>=0.2, and storeroom is 0.1.0"]),
        ("storeroom>=0.1,<1", "1.0", ["it requires storeroom<1,>=0.1, and storeroom is 1.0"]),
        (
            "storeroom>=0.1",
            "0.1.0",
            ["it requires storeroom>=0.1, which takes the next major version as well; add <1"],
        ),
        ("sqlalchemy", "0.1.0", ["it doesn't require storeroom; add it to its dependencies"]),
    ],
)
def test_versions_that_do_not_fit_are_told(
    build_plugin: BuildPlugin, requires: str, core: str, expected: list[str]
) -> None:
    built = build_plugin(pyproject('"storeroom>=0.1,<1"', f'"{requires}"'))
    every = distributions(built.distribution.folder.parents[1])
    every = [changed(each, version=Version(core)) if each.plugin is None else each for each in every]
    assert list(checks.versions(built, every)) == [f"versions: {each}" for each in expected]
