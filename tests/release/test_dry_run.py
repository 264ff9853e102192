"""The dry run over a whole project: what is committed is built twice, checked, and tried in a fresh environment."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.release.conftest import TIME, commit, copy, git, replace
from tools.release import __main__ as release
from tools.release.building import build
from tools.release.remarks import remarks
from tools.release.source import NotReleasable, distributions, export
from tools.release.trial import trial

DOMAINS = ["hooks", "jobs", "profiles", "providers", "standalone", "wanted"]


def test_core_and_the_six_domains_are_released_core_first() -> None:
    assert [each.plugin for each in distributions(ROOT)] == [None, *DOMAINS]


def test_a_project_that_is_fit_passes_and_leaves_what_it_built(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Core and one plugin, or with --full all of them."""
    plugins = DOMAINS if request.config.getoption("--full") else ["jobs"]
    root = copy(tmp_path / "project", plugins)
    git(root, "init", "--quiet")
    commit(root)
    assert release.dry_run(root, tmp_path / "work", tmp_path / "dist") == []
    names = ["storeroom", *(f"storeroom_{name}" for name in plugins)]
    files = [f"{name}-0.1.0{suffix}" for name in names for suffix in ("-py3-none-any.whl", ".tar.gz")]
    assert sorted(file.name for file in (tmp_path / "dist").iterdir()) == sorted(files)
    assert len(capsys.readouterr().out.splitlines()) == len(names)


def test_a_plugin_that_does_not_work_once_installed_is_told(project: Path, tmp_path: Path) -> None:
    module = project / "plugins/jobs/src/storeroom_jobs/plugin.py"
    module.write_text(f"import storeroom_notes\n{module.read_text()}")  # it is in this environment, and in no wheel
    built = [build(each, tmp_path / each.name, time=TIME) for each in distributions(project)]
    (tmp_path / "trial").mkdir()
    listed, used = trial(built, tmp_path / "trial")
    assert listed.startswith("trial: storeroom plugins --load ends with 1: ")
    assert "No module named 'storeroom_notes'" in listed
    assert used.startswith("trial: a program with all plugins says ")


def test_what_is_not_committed_is_not_in_it(project: Path, tmp_path: Path) -> None:
    (project / "core/src/storeroom/scratch.py").write_text("")
    replace(project / "CHANGELOG.md", "0.1.0 (unreleased)", "0.1.0 (2026-12-31)")
    (tmp_path / "out").mkdir()
    export(project, tmp_path / "out")
    assert not (tmp_path / "out/core/src/storeroom/scratch.py").exists()
    assert "(unreleased)" in (tmp_path / "out/CHANGELOG.md").read_text()
    assert next(iter(remarks(project))) == (
        "commit, or put away, what isn't in this release: CHANGELOG.md, core/src/storeroom/scratch.py"
    )


def test_what_is_left_to_do_is_told_until_it_is_done(project: Path) -> None:
    dead = "README links to ../../README.md, ../../docs/repositories.md, which an index doesn't have; give addresses"
    assert list(remarks(project)) == [
        "CHANGELOG.md has no section '0.1.0 (2026-12-31)', with the day; it begins with '0.1.0 (unreleased)'",
        "tag it: git tag storeroom-0.1.0",
        "tag it: git tag storeroom-jobs-0.1.0",
        f"storeroom-jobs: its {dead}",
    ]
    replace(project / "CHANGELOG.md", "0.1.0 (unreleased)", "0.1.0 (2026-12-31)")
    for link in ("../../README.md", "../../docs/repositories.md"):
        replace(project / "plugins/jobs/README.md", f"]({link})", "](https://storeroom.example/)")
    commit(project)
    for tag in ("storeroom-0.1.0", "storeroom-jobs-0.1.0"):
        git(project, "tag", tag)
    assert list(remarks(project)) == []


def test_without_a_commit_nothing_can_be_released(tmp_path: Path) -> None:
    with pytest.raises(NotReleasable, match=r"has no commit to release .*; run this in a clone of the project"):
        export(tmp_path, tmp_path / "out")


def test_the_command_ends_with_what_is_wrong(project: Path) -> None:
    replace(project / "plugins/jobs/pyproject.toml", "storeroom>=0.1,<1", "storeroom>=0.2,<1")
    commit(project)
    shutil.copytree(ROOT / "tools", project / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "tools.release"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "storeroom-jobs: versions: it requires storeroom<1,>=0.2, and storeroom is 0.1.0"
    )
    assert done.stderr == "not fit to be released\n"
