"""Requirements: what is absent takes along who needs it, circles are opened, and the order is always the same."""

import logging
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storeroom.discovery import Candidate, Discovery
from storeroom.errors import ManifestInvalid, RequirementCycle, RequirementMissing
from storeroom.registry import build_registry, without
from tests.registry.making import manifest, module, order_of, registry_of, requiring


def quarantined(requires: Mapping[str, list[str]]) -> Mapping[str, type[Exception]]:
    registry = registry_of({name: requiring(*needs) for name, needs in requires.items()})
    return {name: type(entry.error) for name, entry in registry.quarantined.items()}


def test_requirements_come_first_and_then_names_in_order() -> None:
    registry = registry_of({"a": requiring("z"), "b": requiring(), "c": requiring("a"), "z": requiring()})
    assert order_of(registry) == ["b", "z", "a", "c"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(["a", "b", "c", "d", "e", "f", "bad"]))
def test_the_order_doesnt_depend_on_the_order_of_discovery(found: list[str]) -> None:
    needs = {"a": ["f"], "b": [], "c": ["a", "d"], "d": ["e"], "e": [], "f": [], "bad": ["absent"]}
    candidates = [Candidate(name, requiring(*needs[name])) for name in found]
    registry = build_registry(Discovery(candidates, (), ()))
    assert order_of(registry) == ["b", "e", "d", "f", "a", "c"]
    assert list(registry.quarantined) == ["bad"]


def test_a_plugin_goes_with_the_one_it_requires_and_says_why() -> None:
    registry = registry_of({"a": requiring("b"), "b": requiring("c"), "c": module("1"), "d": requiring()})
    assert order_of(registry) == ["d"]
    assert isinstance(registry.quarantined["c"].error, ManifestInvalid)
    for name, needed in (("a", "b"), ("b", "c")):
        error = registry.quarantined[name].error
        assert isinstance(error, RequirementMissing)
        assert (error.plugin, error.requirement) == (name, needed)
        assert f"plugin {name!r} requires {needed!r}, which is quarantined" in str(error)
        assert "has no storeroom_manifest" in str(error)


@pytest.mark.parametrize(
    ("requires", "cycle"),
    [
        ({"a": ["b"], "b": ["a"]}, "'a' requires 'b' requires 'a'"),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "'a' requires 'b' requires 'c' requires 'a'"),
    ],
)
def test_all_members_of_a_circle_are_quarantined(requires: dict[str, list[str]], cycle: str) -> None:
    registry = registry_of({"free": requiring(), **{name: requiring(*needs) for name, needs in requires.items()}})
    assert order_of(registry) == ["free"]
    for name in requires:
        error = registry.quarantined[name].error
        assert isinstance(error, RequirementCycle)
        assert error.plugin == name
        assert set(error.cycle) == set(requires)
        assert f"plugin {name!r} requires itself" in str(error)
        assert cycle in str(error)
        assert "one of them must do without" in str(error)


def test_who_requires_a_member_of_a_circle_goes_too_and_the_others_stay() -> None:
    assert quarantined({"a": ["b"], "b": ["a"], "needy": ["a"], "free": []}) == {
        "a": RequirementCycle,
        "b": RequirementCycle,
        "needy": RequirementMissing,
    }


def test_a_plugin_outside_the_circle_that_its_members_require_stays() -> None:
    assert set(quarantined({"a": ["b", "free"], "b": ["a"], "free": []})) == {"a", "b"}


def test_two_circles_are_both_found() -> None:
    assert set(quarantined({"a": ["b"], "b": ["a"], "x": ["y"], "y": ["x"]})) == {"a", "b", "x", "y"}


def test_a_plugin_that_turns_out_unusable_later_takes_along_who_requires_it(caplog: pytest.LogCaptureFixture) -> None:
    registry = registry_of({"a": requiring(), "b": requiring("a"), "c": requiring(), "old": module("1")})
    caplog.clear()
    with caplog.at_level(logging.WARNING, "storeroom.registry"):
        left = without(registry, {"a": ManifestInvalid("plugin 'a' is spoilt", plugin="a")})
    assert order_of(left) == ["c"]
    assert list(left.quarantined) == ["a", "b", "old"]
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == ["a", "b"]


def test_without_faults_the_registry_stays_as_it_is() -> None:
    registry = registry_of({"a": requiring()})
    assert without(registry, {}) is registry


def test_a_registry_cant_be_changed() -> None:
    registry = registry_of({"a": module(manifest("repositories=[type('R', (BaseRepository,), {'name': 'a'})]"))})
    for part in (registry.plugins, registry.quarantined, registry.denied, registry.repositories):
        with pytest.raises(TypeError):
            part["b"] = None  # type: ignore[index]  # that is the point
