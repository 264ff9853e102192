"""Health: every plugin in use is asked what needs attention in its data."""

from collections.abc import Callable, Container, Sequence
from typing import Any

from storeroom.contributions import Finding
from storeroom.errors import HookFailed, StoreroomError, tell
from storeroom.registry import Registry, hook_failed
from storeroom.results import HookResults
from storeroom.unitofwork import UnitOfWork

HOOK = "storeroom_health"


def ask(registry: Registry, read: Callable[[], UnitOfWork], among: Container[str] | None = None) -> HookResults:
    """Ask the plugins, all or those `among` these; each in a reading unit of work of its own."""
    results: dict[str, Any] = {}
    errors: list[HookFailed] = []
    for plugin, implementation in registry.hooks.implementations(HOOK):
        if among is not None and plugin not in among:
            continue
        try:
            with read() as uow:
                findings = _findings(plugin, implementation(uow=uow))
        except HookFailed as error:
            errors.append(error)
        except StoreroomError as error:  # of the unit of work's end, after a failure that the hook kept silent
            errors.append(hook_failed(plugin, HOOK, f"ended with {tell(error)}"))
        else:
            results[plugin] = findings
    return HookResults(results, errors)


def _findings(plugin: str, result: object) -> Sequence[Finding]:
    if isinstance(result, list | tuple) and all(isinstance(each, Finding) for each in result):
        return tuple(result)
    if result is None:
        return ()
    raise hook_failed(plugin, HOOK, f"returned {result!r}; it must return a list of Findings")
