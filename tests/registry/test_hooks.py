"""Hooks: called one plugin at a time, in registry order; whatever goes wrong is its plugin's alone."""

from collections.abc import Mapping
from types import ModuleType

import pytest

from storeroom import Registry
from storeroom.errors import HookFailed, HookInvalid, HookUnknown
from tests.registry.making import manifest, module, order_of, registry_of

SPECS = """
class Specs:
    @hookspec
    def bells_rung(self, times, tone): ...
"""
BELLS = SPECS + manifest("hookspecs=Specs")


def listener(body: str, *, requires: str = "", arguments: str = "times", mark: str = "hookimpl") -> ModuleType:
    return module(f"{manifest(requires)}\n@{mark}\ndef bells_rung({arguments}):\n    {body}\n")


def ringing(**listeners: ModuleType) -> Registry:
    """A registry with the plugin bells, whose hook the others implement."""
    return registry_of({"bells": module(BELLS), **listeners})


def ring(registry: Registry) -> Mapping[str, object]:
    return registry.hooks.call("bells_rung", times=3, tone="c").results


def test_results_are_by_plugin_in_registry_order() -> None:
    registry = ringing(
        a=listener("return times", requires="requires=['z']"),
        b=listener("return times + 1"),
        z=listener("return tone", arguments="tone"),
    )
    assert list(ring(registry).items()) == [("b", 4), ("z", "c"), ("a", 3)]


def test_implementations_run_in_registry_order_whatever_they_ask_for() -> None:
    log: list[str] = []
    listeners = {
        name: listener(f"log.append({name!r})", mark=f"hookimpl({wish}=True)")
        for name, wish in {"a": "tryfirst", "b": "trylast", "c": "tryfirst"}.items()
    }
    for each in listeners.values():
        vars(each).update(log=log)
    ring(ringing(**listeners))
    assert log == ["a", "b", "c"]


def test_none_is_no_result_but_other_empty_values_are() -> None:
    assert ring(ringing(a=listener("return None"), b=listener("return 0"), c=listener("return []"))) == {
        "b": 0,
        "c": [],
    }


@pytest.mark.parametrize("body", ["raise LookupError('lost')", "raise SystemExit(2)"])
def test_an_implementation_that_raises_leaves_the_others_results(body: str) -> None:
    registry = ringing(a=listener("return 1"), b=listener(body), c=listener("return 3"))
    outcome = registry.hooks.call("bells_rung", times=1, tone="c")
    assert outcome.results == {"a": 1, "c": 3}
    (error,) = outcome.errors
    assert type(error) is HookFailed
    assert (error.plugin, error.hook) == ("b", "bells_rung")
    assert type(error.__cause__).__name__ in str(error)
    assert "hook 'bells_rung' of plugin 'b' raised" in str(error)
    assert "repair the plugin, or deny it" in str(error)


def test_an_interrupt_is_nobodys_failure() -> None:
    with pytest.raises(KeyboardInterrupt):
        ring(ringing(a=listener("raise KeyboardInterrupt")))


def test_an_unknown_hook_is_refused_with_what_may_have_been_meant() -> None:
    with pytest.raises(HookUnknown, match="nobody specifies a hook 'bells_wrung'; did you mean 'bells_rung'") as caught:
        ringing().hooks.call("bells_wrung")
    assert caught.value.hook == "bells_wrung"
    assert "install the plugin that specifies it" in str(caught.value)


def test_a_hook_that_is_implemented_but_not_specified_is_unknown() -> None:
    registry = registry_of({"a": listener("return 1", mark="hookimpl(optionalhook=True)")})
    with pytest.raises(HookUnknown, match="nobody specifies a hook 'bells_rung'"):
        registry.hooks.call("bells_rung", times=1, tone="c")


@pytest.mark.parametrize("implemented", [True, False])
@pytest.mark.parametrize("arguments", [{"times": 1}, {"times": 1, "tone": "c", "colour": "red"}, {}])
def test_a_call_has_just_the_arguments_of_the_specification(implemented: bool, arguments: dict[str, object]) -> None:
    registry = ringing(a=listener("return times")) if implemented else ringing()
    with pytest.raises(HookUnknown, match="'bells_rung' takes the arguments") as caught:
        registry.hooks.call("bells_rung", **arguments)
    assert caught.value.hook == "bells_rung"
    assert f"(times, tone) and not ({', '.join(arguments)})" in str(caught.value)


def test_one_implementation_can_be_called_by_itself() -> None:
    ((plugin, call),) = ringing(a=listener("return times * 2")).hooks.implementations("bells_rung")
    assert plugin == "a"
    assert call(times=2, tone="c") == 4
    with pytest.raises(HookUnknown):
        call(times=2)


def test_an_optional_implementation_waits_for_the_plugin_that_specifies_it() -> None:
    optional = listener("return times", mark="hookimpl(optionalhook=True)")
    alone = registry_of({"a": optional})
    assert order_of(alone) == ["a"]
    assert ring(ringing(a=optional)) == {"a": 3}


def test_specifications_may_be_a_module_and_may_be_its_plugin_itself() -> None:
    code = "import sys\n@hookspec\ndef bells_rung(times, tone): ...\n" + manifest("hookspecs=me")
    bells = module(code)
    vars(bells)["me"] = bells
    assert ring(registry_of({"bells": bells, "a": listener("return times")})) == {"a": 3}


def test_with_the_plugin_that_specifies_a_hook_go_those_that_must_have_it() -> None:
    spoilt = module(BELLS + "\n@hookimpl\ndef storeroom_helth(): ...")
    registry = registry_of(
        {
            "bells": spoilt,
            "must": listener("return 1"),
            "may": listener("return 1", mark="hookimpl(optionalhook=True)"),
            "needy": module(manifest("requires=['must']")),
        }
    )
    assert order_of(registry) == ["may"]
    assert list(registry.quarantined) == ["bells", "must", "needy"]
    error = registry.quarantined["must"].error
    assert isinstance(error, HookInvalid)
    assert error.hook == "bells_rung"


def test_every_plugin_whose_hooks_dont_fit_is_named() -> None:
    registry = ringing(
        a=listener("return 1", arguments="volume"),
        b=module(manifest() + "@hookimpl\ndef nobody_event(): ..."),
        c=listener("yield", mark="hookimpl(wrapper=True)"),
        d=listener("return 1"),
    )
    assert order_of(registry) == ["bells", "d"]
    hooks = {name: entry.error for name, entry in registry.quarantined.items()}
    assert {name: error.hook for name, error in hooks.items() if isinstance(error, HookInvalid)} == {
        "a": None,
        "b": "nobody_event",
        "c": "bells_rung",
    }
