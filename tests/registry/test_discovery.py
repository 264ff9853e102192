"""Discovery looks at metadata only, and settles names before any plugin code runs."""

import sys
import time
from collections.abc import Collection
from pathlib import Path
from types import ModuleType

import pytest

from storeroom.discovery import Candidate, discover
from storeroom.errors import PluginError, PluginNameInvalid, PluginNameTaken
from tests.registry.making import manifest, write_plugin
from tests.support.distributions import install

SEVERAL = 50


def names(candidates: Collection[Candidate]) -> list[str]:
    return [candidate.name for candidate in candidates]


def test_a_candidate_tells_name_distribution_version_and_module(site: Path) -> None:
    install(site, "alpha", {}, distribution="acme-alpha", version="2.5")
    (found,) = discover(allow=["alpha"]).candidates
    assert (found.name, found.distribution, found.version) == ("alpha", "acme-alpha", "2.5")
    assert (found.module, found.origin) == ("alpha_plugin", "acme-alpha 2.5")


def test_discovery_imports_no_plugin(site: Path) -> None:
    trace = site / "imported"
    write_plugin(site, "alpha", f"open({str(trace)!r}, 'w').close()")
    assert "alpha" in names(discover().candidates)
    assert "alpha_plugin" not in sys.modules
    assert not trace.exists()


def test_a_distribution_that_was_half_removed_spoils_nothing(site: Path) -> None:
    install(site, "alpha", {})
    install(site, "beta", {})
    (site / "storeroom_alpha-1.0.dist-info" / "METADATA").unlink()
    found = discover(allow=["alpha", "beta"])
    assert [candidate.origin for candidate in found.candidates] == ["module alpha_plugin", "storeroom-beta 1.0"]


def test_fifty_distributions_are_found_within_a_moment(site: Path) -> None:
    wanted = [f"p{number:02d}" for number in range(SEVERAL)]
    for name in wanted:
        install(site, name, {})
    discover()
    started = time.perf_counter()
    found = discover(allow=wanted)
    assert names(found.candidates) == wanted
    assert time.perf_counter() - started < 1  # about 10 ms


@pytest.mark.parametrize("name", ["My", "my_notes", "my-notes", "1st", "notes.part", "ñ"])
def test_a_name_that_breaks_the_rule_is_quarantined(site: Path, name: str) -> None:
    install(site, name, {}, distribution="acme-odd", module="odd")
    (entry,) = discover(allow=[name]).quarantined
    assert type(entry.error) is PluginNameInvalid
    assert (entry.name, entry.error.plugin) == (name, name)
    assert repr(name) in str(entry.error)
    assert "acme-odd 1.0" in str(entry.error)
    assert "rename its entry point" in str(entry.error)


def test_nobody_takes_cores_own_name(site: Path) -> None:
    install(site, "storeroom", {}, distribution="acme-odd")
    (entry,) = discover(allow=["storeroom"]).quarantined
    assert type(entry.error) is PluginNameInvalid
    assert "core's own name" in str(entry.error)


def test_a_name_that_two_distributions_claim_is_given_to_neither(site: Path) -> None:
    install(site, "alpha", {}, distribution="acme-alpha")
    install(site, "alpha", {}, distribution="zebra-alpha")
    found = discover(allow=["alpha"])
    assert not found.candidates
    (entry,) = found.quarantined
    assert isinstance(entry.error, PluginNameTaken)
    assert entry.error.claims == ("acme-alpha 1.0", "zebra-alpha 1.0")
    assert "acme-alpha 1.0 and by zebra-alpha 1.0; keep one" in str(entry.error)


def test_a_module_that_the_program_brings_doesnt_push_an_installed_one_aside(site: Path) -> None:
    write_plugin(site, "alpha", manifest())
    found = discover(plugins={"alpha": ModuleType("mine")}, allow=["alpha"])
    assert not found.candidates
    (entry,) = found.quarantined
    assert isinstance(entry.error, PluginNameTaken)
    assert set(entry.error.claims) == {"module mine", "storeroom-alpha 1.0"}


def test_modules_that_the_program_brings_stand_beside_the_installed_ones(site: Path) -> None:
    install(site, "beta", {})
    found = discover(plugins={"alpha": ModuleType("mine")}, allow=["alpha", "beta"])
    assert names(found.candidates) == ["alpha", "beta"]
    assert found.candidates[0].distribution is None


def test_without_the_installed_ones_the_programs_own_are_all(site: Path) -> None:
    install(site, "beta", {})
    assert names(discover(plugins={"alpha": ModuleType("mine")}, installed=False).candidates) == ["alpha"]


def test_what_is_not_on_the_allow_list_is_denied(site: Path) -> None:
    for name in ("alpha", "beta"):
        install(site, name, {})
    found = discover(allow=["beta"])
    assert names(found.candidates) == ["beta"]
    assert "alpha" in names(found.denied)


def test_an_empty_allow_list_denies_all(site: Path) -> None:
    install(site, "alpha", {})
    assert not discover(allow=[]).candidates


def test_the_deny_list_prevails_over_the_allow_list(site: Path) -> None:
    install(site, "alpha", {})
    found = discover(allow=["alpha"], deny=["alpha"])
    assert (names(found.candidates), "alpha" in names(found.denied)) == ([], True)


@pytest.mark.parametrize("name", ["Bad_Name", "storeroom", "twice"])
def test_a_denied_name_is_settled_before_anything_else_about_it(site: Path, name: str) -> None:
    for distribution in ("acme-one", "acme-two"):
        install(site, name, {}, distribution=distribution, module="odd")
    found = discover(deny=[name])
    assert names(found.denied) == [name, name]
    assert name not in [entry.name for entry in found.quarantined]


def test_quarantined_names_are_plugin_errors_with_a_plugin(site: Path) -> None:
    install(site, "Bad", {}, module="odd")
    (entry,) = discover(allow=["Bad"]).quarantined
    assert isinstance(entry.error, PluginError)
    assert entry.candidate.module == "odd"
