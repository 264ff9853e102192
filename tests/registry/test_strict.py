"""Strict mode: all the problems at once, those of the mappers too."""

from pathlib import Path

import pytest

from storeroom import Storeroom
from storeroom.errors import ManifestInvalid, PluginErrors, PluginImportFailed, RequirementMissing
from tests.registry.making import installed_registry, manifest, write_plugin
from tests.support.plugins import PluginMaker

BROKEN_RELATIONSHIP = (
    "from sqlalchemy.orm import relationship\n"
    "class Child(Base):\n"
    "    __tablename__ = '{name}_child'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    "    parent = relationship({target})\n"
)


def test_all_problems_are_raised_as_one_error(site: Path, make_plugin: PluginMaker) -> None:
    make_plugin("good")
    make_plugin("mapped", model_code=BROKEN_RELATIONSHIP.format(name="mapped", target="'Nowhere'"))
    write_plugin(site, "bad", "import nowhere")
    write_plugin(site, "needy", manifest("requires=['bad']"))
    with pytest.raises(PluginErrors) as caught:
        installed_registry("good", "bad", "mapped", "needy", strict=True)
    problems = {problem.plugin: type(problem) for problem in caught.value.problems}
    assert problems == {"bad": PluginImportFailed, "needy": RequirementMissing, "mapped": ManifestInvalid}
    assert str(caught.value).startswith("3 problem(s) with plugins: ")
    for problem in caught.value.problems:
        assert str(problem) in str(caught.value)


@pytest.mark.parametrize("target", ["'Nowhere'", "lambda: 1 / 0"])
def test_a_broken_relationship_shows_only_in_strict_mode(make_plugin: PluginMaker, target: str) -> None:
    make_plugin("mapped", model_code=BROKEN_RELATIONSHIP.format(name="mapped", target=target))
    assert not installed_registry("mapped").quarantined
    with pytest.raises(PluginErrors, match=r"the models of plugin 'mapped' can't be configured: .*; correct their"):
        installed_registry("mapped", strict=True)


def test_every_plugin_with_broken_relationships_is_named(make_plugin: PluginMaker) -> None:
    for name in ("one", "two"):
        make_plugin(name, model_code=BROKEN_RELATIONSHIP.format(name=name, target="'Nowhere'"))
    with pytest.raises(PluginErrors) as caught:
        installed_registry("one", "two", strict=True)
    assert [problem.plugin for problem in caught.value.problems] == ["one", "two"]


def test_what_is_right_opens_strictly(site: Path, make_plugin: PluginMaker, tmp_path: Path) -> None:
    make_plugin("good")
    write_plugin(site, "bare", manifest())
    with Storeroom.open(f"sqlite:///{tmp_path}/a.db", allow=["bare", "good"], strict=True, upgrade=True) as room:
        assert list(room.registry.plugins) == ["bare", "good"]


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_room_refuses_to_open_strictly_with_a_problem(
    site: Path, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(site, "bad", "")
    if by == "environment":
        monkeypatch.setenv("STOREROOM_STRICT", "1")
    with pytest.raises(PluginErrors, match=r"1 problem.*'bad_plugin' has no storeroom_manifest"):
        Storeroom.open(f"sqlite:///{tmp_path}/a.db", allow=["bad"], strict=True if by == "argument" else None)
    assert not (tmp_path / "a.db").exists()


def test_a_denied_plugin_is_no_problem(site: Path) -> None:
    write_plugin(site, "bad", "import nowhere")
    assert not installed_registry(strict=True).plugins
