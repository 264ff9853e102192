"""Pluggy, one plugin at a time: registration that blames the right one, calls that survive any one."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from typing import Any

import pluggy

from storeroom import hookspecs
from storeroom.errors import HookFailed, HookInvalid, HookUnknown, tell
from storeroom.names import suggestion
from storeroom.registry.loading import Plugin
from storeroom.results import HookResults


def build_manager(plugins: Sequence[Plugin]) -> tuple[pluggy.PluginManager, dict[str, HookInvalid]]:
    """Register the plugins' hook specifications and implementations, and name the plugins that don't fit.

    All specifications come first, so that pluggy finds a fault when the plugin at fault is registered and not later.
    """
    manager = pluggy.PluginManager("storeroom")
    manager.add_hookspecs(hookspecs)
    faults: dict[str, HookInvalid] = {}

    def blame(plugin: str, text: str, hook: str | None = None) -> None:
        message = f"a hook of plugin {plugin!r} can't be used: {text}"
        faults.setdefault(plugin, HookInvalid(message, plugin=plugin, hook=hook))

    for plugin in plugins:
        if plugin.manifest.hookspecs is not None:
            try:
                manager.add_hookspecs(plugin.manifest.hookspecs)
            except ValueError as error:
                blame(plugin.name, f"{error}; mark its specifications with @hookspec")
    for plugin in plugins:
        if (other := manager.get_name(plugin.module)) is not None:
            blame(plugin.name, f"its module {plugin.candidate.module!r} is plugin {other!r} as well; give it its own")
            continue
        try:
            manager.register(plugin.module, plugin.name)
        except pluggy.PluginValidationError as error:
            blame(plugin.name, f"{_one_line(error)}; take arguments of its specification only, or rename it")
    while True:
        try:
            manager.check_pending()
            break
        except pluggy.PluginValidationError as error:
            culprit = manager.get_name(error.plugin) or ""
            unknown = _unknown_hook(manager, error.plugin)
            near = suggestion(unknown, _specified(manager))
            cure = "correct its name, or mark it optionalhook=True if its plugin may be absent"
            blame(culprit, f"nobody specifies {unknown!r}{near}; {cure}", unknown)
            manager.unregister(error.plugin)
    for name, plugin_object in manager.list_name_plugin():
        for caller in manager.get_hookcallers(plugin_object) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin_object and (implementation.wrapper or implementation.hookwrapper):
                    blame(name, f"{caller.name!r} is a wrapper; return a result instead", caller.name)
    return manager, faults


class Hooks:
    """Calls hooks of a finished registry."""

    def __init__(self, manager: pluggy.PluginManager, order: Sequence[str]) -> None:
        self._manager = manager
        self._rank = {name: index for index, name in enumerate(order)}

    def implementations(self, hook: str) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield each plugin that implements the hook, in registry order, and a function that calls it.

        The function takes the hook's arguments by keyword and raises HookFailed when the plugin raises. What an
        implementation yields becomes a tuple, so that all of it has run when the function returns.
        Raises HookUnknown for a hook that nobody specifies; so does the function for wrong arguments.
        """
        caller = self._caller(hook)
        for implementation in sorted(caller.get_hookimpls(), key=lambda impl: self._rank[impl.plugin_name]):
            yield implementation.plugin_name, _guarded(caller, implementation)

    def call(self, hook: str, /, **arguments: Any) -> HookResults:
        """Call every implementation, one plugin at a time; one that raises leaves the others' results intact.

        None is no result. Raises HookUnknown for a hook that nobody specifies, or arguments that aren't those of its
        specification.
        """
        self.check(hook, arguments)
        results: dict[str, Any] = {}
        errors: list[HookFailed] = []
        for plugin, implementation in self.implementations(hook):
            try:
                result = implementation(**arguments)
            except HookFailed as error:
                errors.append(error)
            else:
                if result is not None:
                    results[plugin] = result
        return HookResults(results, errors)

    def check(self, hook: str, arguments: Collection[str]) -> None:
        """Raise HookUnknown for a hook that nobody specifies, or arguments that aren't those of its specification."""
        _check_arguments(self._caller(hook), arguments)

    def is_specified(self, hook: str) -> bool:
        """Whether core or a plugin in use specifies a hook of this name."""
        return hook in _specified(self._manager)

    def specified(self, namespace: object) -> Mapping[str, Callable[..., Any]]:
        """Return the specifications that stand in a module or class, by the hook's name; none for None."""
        callers = vars(self._manager.hook).items()
        return {
            name: caller.spec.function
            for name, caller in callers
            if caller.has_spec() and namespace is not None and caller.spec.namespace is namespace
        }

    def implemented(self, plugin: str) -> Mapping[str, Callable[..., Any]]:
        """Return a plugin's implementations by the hook's name, also of hooks that nobody specifies here."""
        callers = self._manager.get_hookcallers(self._manager.get_plugin(plugin)) or ()
        return {
            caller.name: each.function
            for caller in callers
            for each in caller.get_hookimpls()
            if each.plugin_name == plugin
        }

    def _caller(self, hook: str) -> pluggy.HookCaller:
        caller: pluggy.HookCaller | None = getattr(self._manager.hook, hook, None)
        if caller is None or not caller.has_spec():
            near = suggestion(hook, _specified(self._manager))
            raise HookUnknown(
                f"nobody specifies a hook {hook!r}{near}; correct the name, or install the plugin that specifies it",
                hook=hook,
            )
        return caller


def hook_failed(plugin: str, hook: str, what: str) -> HookFailed:
    """Return the error of a plugin whose implementation of a hook did what it mustn't."""
    return HookFailed(
        f"hook {hook!r} of plugin {plugin!r} {what}; repair the plugin, or deny it", plugin=plugin, hook=hook
    )


def _guarded(caller: pluggy.HookCaller, implementation: pluggy.HookImpl) -> Callable[..., Any]:
    def call(**arguments: Any) -> Any:
        _check_arguments(caller, arguments)
        plugin = implementation.plugin_name
        try:
            result = implementation.function(*(arguments[name] for name in implementation.argnames))
            return tuple(result) if isinstance(result, Generator) else result
        except (Exception, SystemExit) as error:
            raise hook_failed(plugin, caller.name, f"raised {tell(error)}") from error

    return call


def _check_arguments(caller: pluggy.HookCaller, arguments: Collection[str]) -> None:
    # Of the specification and not of each implementation: whether a call is right doesn't depend on who is installed.
    specified = caller.spec.argnames if caller.spec is not None else ()
    if set(arguments) != set(specified):
        raise HookUnknown(
            f"hook {caller.name!r} takes the arguments ({', '.join(specified)}) and not ({', '.join(arguments)}); pass "
            "just these, by keyword",
            hook=caller.name,
        )


def _specified(manager: pluggy.PluginManager) -> list[str]:
    return [name for name, caller in vars(manager.hook).items() if caller.has_spec()]


def _unknown_hook(manager: pluggy.PluginManager, plugin: object) -> str:
    callers = manager.get_hookcallers(plugin) or []
    return next((caller.name for caller in callers if not caller.has_spec()), "")


def _one_line(error: Exception) -> str:
    return ", ".join(line.strip() for line in str(error).splitlines() if line.strip())
