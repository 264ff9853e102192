"""A plugin whose revisions can't be used is quarantined with the cause, and the others are upgraded."""

from pathlib import Path

import pytest

from storeroom.errors import MigrationsInvalid, PluginError, PluginErrors, RequirementMissing, RevisionMissing
from storeroom.migrations.state import State
from storeroom.settings import Settings
from tests.migrations.installations import heads, installed, registry_after_upgrade, tables, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table

pytestmark = pytest.mark.dear


def cause(url: str, *names: str, plugin: str = "bad") -> PluginError:
    """Upgrade, see that only this plugin and those that need it were left out, and return why."""
    registry = registry_after_upgrade(url, "good", *names)
    assert "good" in registry.plugins
    assert tables(url) == set(registry.plugins) == set(heads(url))
    return registry.quarantined[plugin].error


def rewrite(package: Path, old: str, new: str, revision: str = "bad_0001") -> None:
    file = package / f"migrations/versions/{revision}.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_requirement_on_a_revision_that_does_not_exist(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("good")
    make_plugin("bad", requires=["good"], revisions=[Rev(create_table("bad"), requires=["good:good_0007"])])
    make_plugin("worse", requires=["bad"])
    error = cause(sqlite_url, "bad", "worse")
    assert isinstance(error, RevisionMissing)
    assert (error.plugin, error.revision, error.requirement) == ("bad", "bad_0001", "good:good_0007")
    assert "'good_0007' of plugin 'good'" in str(error)
    assert "install a newer version" in str(error)


def test_what_requires_an_unusable_plugin_is_left_out_too(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("good")
    make_plugin("bad", head="bad_0009")
    make_plugin("worse", requires=["bad"])
    error = cause(sqlite_url, "bad", "worse", plugin="worse")
    assert isinstance(error, RequirementMissing)
    assert error.requirement == "bad"


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("good:good_0001", "list 'good' in the manifest's requires as well"),
        ("good", "write '<plugin>:<revision>'"),
        ("Good:good_0001", "write '<plugin>:<revision>'"),
        ("good:", "write '<plugin>:<revision>'"),
    ],
)
def test_a_requirement_that_means_nothing(
    sqlite_url: str, make_plugin: PluginMaker, requirement: str, says: str
) -> None:
    make_plugin("good")
    make_plugin("bad", revisions=[Rev(create_table("bad"), requires=[requirement])])
    error = cause(sqlite_url, "bad")
    assert isinstance(error, MigrationsInvalid)
    assert repr(requirement) in str(error)
    assert says in str(error)


def test_a_requirement_may_be_a_single_text(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("good")
    package = make_plugin("bad", requires=["good"], revisions=[Rev(create_table("bad"), requires=["good:good_0001"])])
    rewrite(package, "('good:good_0001',)", "'good:good_0001'")
    assert upgrade(sqlite_url, "good", "bad") == ["good_0001", "bad_0001"]


def second_base(package: Path) -> None:
    rewrite(package, "down_revision = 'bad_0001'", "down_revision = None", "bad_0002")


def branch(package: Path) -> None:
    rewrite(package, "down_revision = 'bad_0002'", "down_revision = 'bad_0001'", "bad_0003")


def dependency(package: Path) -> None:
    rewrite(package, "requires = ()", "depends_on = 'bad_0001'", "bad_0003")


def duplicate(package: Path) -> None:
    versions = package / "migrations/versions"
    (versions / "copy.py").write_text((versions / "bad_0003.py").read_text())


def syntax_error(package: Path) -> None:
    rewrite(package, "pass", "pass pass", "bad_0002")


def exit_on_import(package: Path) -> None:
    rewrite(package, "requires = ()", "raise SystemExit(3)", "bad_0002")


def foreign_id(package: Path) -> None:
    rewrite(package, "'bad_0003'", "'good_0003'", "bad_0003")
    (package / "migrations/HEAD").write_text("bad_0002\n")


def long_id(package: Path) -> None:
    rewrite(package, "'bad_0003'", repr("bad_" + "x" * 29), "bad_0003")


def no_upgrade(package: Path) -> None:
    rewrite(package, "def upgrade", "def update", "bad_0003")


def old_head(package: Path) -> None:
    (package / "migrations/HEAD").write_text("bad_0002\n")


def missing_predecessor(package: Path) -> None:
    (package / "migrations/versions/bad_0002.py").unlink()


def no_revisions(package: Path) -> None:
    for file in (package / "migrations/versions").glob("*.py"):
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (second_base, "must form one line"),
        (branch, "must form one line"),
        (dependency, "depends_on 'bad_0001'"),
        (duplicate, "bad_0003 is present more than once"),
        (syntax_error, "SyntaxError"),
        (exit_on_import, "SystemExit: 3"),
        (foreign_id, "'good_0003'"),
        (long_id, "32 characters at most"),
        (no_upgrade, "'bad_0003' of plugin 'bad' has no function upgrade()"),
        (old_head, "HEAD of plugin 'bad' says 'bad_0002', but its last revision is 'bad_0003'"),
        (missing_predecessor, "Revision bad_0002 referenced from"),
        (no_revisions, "its last revision is None"),
    ],
)
def test_damaged_revisions(sqlite_url: str, make_plugin: PluginMaker, damage: object, says: str) -> None:
    make_plugin("good")
    package = make_plugin("bad", revisions=[create_table("bad"), "pass", "pass"])
    assert callable(damage)
    damage(package)
    error = cause(sqlite_url, "bad")
    assert isinstance(error, MigrationsInvalid)
    assert error.plugin == "bad"
    assert says in str(error)


def test_looking_names_the_damage_as_upgrading_does(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("good")
    syntax_error(make_plugin("bad", revisions=[create_table("bad"), "pass"]))
    upgrade(sqlite_url, "good")
    with installed(sqlite_url, "good", "bad") as installation:
        installation.check()
        states = {each.name: each.state for each in installation.status()}
    assert (states["good"], states["bad"]) == (State.CURRENT, State.QUARANTINED)


@pytest.mark.parametrize("verb", ["upgrade", "check"])
def test_strict_raises_what_the_database_brings_to_light(sqlite_url: str, make_plugin: PluginMaker, verb: str) -> None:
    syntax_error(make_plugin("bad", revisions=[create_table("bad"), "pass"]))
    with (
        installed(sqlite_url, "bad", settings=Settings(strict=True)) as installation,
        pytest.raises(PluginErrors, match="1 problem") as caught,
    ):
        getattr(installation, verb)()
    assert [problem.plugin for problem in caught.value.problems] == ["bad"]
