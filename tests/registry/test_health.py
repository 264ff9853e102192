"""`Storeroom.health`: every plugin is asked; one that fails is reported and hides nobody else's findings."""

from pathlib import Path
from types import ModuleType

import pytest

from storeroom import Finding, HookResults, Storeroom
from tests.registry.making import manifest, module

FINDING = "Finding(problem='dust', cure='wipe')"


def doctor(body: str) -> ModuleType:
    return module(f"{manifest()}\n@hookimpl\ndef storeroom_health(uow):\n    {body}\n")


def health(tmp_path: Path, **plugins: ModuleType) -> HookResults:
    with Storeroom.open(f"sqlite:///{tmp_path}/a.db", plugins=plugins, discover=False, upgrade=True) as room:
        return room.health()


def test_findings_are_by_plugin_and_silence_is_none(tmp_path: Path) -> None:
    found = health(
        tmp_path, a=doctor(f"return [{FINDING}]"), b=doctor("return []"), c=doctor("pass"), d=module(manifest())
    )
    assert found.results == {"a": (Finding("dust", "wipe"),), "b": (), "c": ()}
    assert not found.errors


@pytest.mark.parametrize(
    "body",
    [
        "raise LookupError('lost')",
        "raise SystemExit(1)",
        "uow.connection.exec_driver_sql('SELECT * FROM nowhere')",
        "try: uow.connection.exec_driver_sql('SELECT * FROM nowhere')\n    except Exception: return []",
        "uow.connection.exec_driver_sql('DELETE FROM storeroom_plugins')",
    ],
)
def test_a_plugin_that_fails_leaves_the_others_findings(tmp_path: Path, body: str) -> None:
    found = health(tmp_path, a=doctor(body), b=doctor(f"return [{FINDING}]"))
    assert list(found.results) == ["b"]
    (error,) = found.errors
    assert (error.plugin, error.hook) == ("a", "storeroom_health")
    assert str(error).startswith("hook 'storeroom_health' of plugin 'a' ")


@pytest.mark.parametrize("returned", ["5", "'dust'", "['dust']"])
def test_what_is_no_finding_is_an_error_of_that_plugin_alone(tmp_path: Path, returned: str) -> None:
    found = health(tmp_path, a=doctor(f"return {returned}"), b=doctor(f"return [{FINDING}]"))
    assert list(found.results) == ["b"]
    (error,) = found.errors
    assert error.plugin == "a"
    assert f"returned {returned}; it must return a list of Findings" in str(error)


def test_findings_may_be_made_one_by_one(tmp_path: Path) -> None:
    found = health(tmp_path, a=doctor(f"uow.statements; yield {FINDING}"))
    assert found.results == {"a": (Finding("dust", "wipe"),)}


def test_each_plugin_is_asked_in_a_unit_of_work_of_its_own(tmp_path: Path) -> None:
    seen: list[object] = []
    doctors = {name: doctor("seen.append(uow)") for name in "ab"}
    for each in doctors.values():
        vars(each).update(seen=seen)
    health(tmp_path, **doctors)
    assert len({id(uow) for uow in seen}) == 2


@pytest.mark.parametrize(
    ("named", "total", "problem"),
    [
        (["a"], 1, "dust: 1 (a)"),
        (["a", "b"], 2, "dust: 2 (a, b)"),
        (["a", "b"], 3, "dust: 3 (a, b and 1 more)"),
        (["a"], 12_345, "dust: 12,345 (a and 12,344 more)"),
    ],
)
def test_a_finding_names_a_few_of_many(named: list[str], total: int, problem: str) -> None:
    assert Finding.of_few("dust", named, total, "wipe") == Finding(problem, "wipe")
