"""`Registry`: the plugins in use, in order, and the look-up of their repositories; immutable."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import pluggy

from storeroom.discovery import DENIED, Candidate, Quarantined
from storeroom.errors import PluginError, RepositoryMissing
from storeroom.names import suggestion
from storeroom.registry.hooks import Hooks
from storeroom.registry.loading import Plugin
from storeroom.repository import BaseRepository

RepositoryT = TypeVar("RepositoryT", bound=BaseRepository)


class Registry:
    """What this process found, resolved and ordered.

    - `plugins`: the plugins in use, by name; requirements come first, then names in order.
    - `quarantined`: those that can't be used, by name, with the cause in `error`.
    - `denied`: those that the settings keep from loading, by name.
    - `repositories`: the repository classes in use, by repository name.
    - `hooks`: calls the plugins' hooks.
    """

    def __init__(
        self,
        plugins: Sequence[Plugin],
        quarantined: Sequence[Quarantined],
        denied: Sequence[Candidate],
        manager: pluggy.PluginManager,
    ) -> None:
        self.plugins: Mapping[str, Plugin] = MappingProxyType({plugin.name: plugin for plugin in plugins})
        self.quarantined: Mapping[str, Quarantined] = MappingProxyType(
            {entry.name: entry for entry in sorted(quarantined, key=lambda entry: entry.name)}
        )
        self.denied: Mapping[str, Candidate] = MappingProxyType({each.name: each for each in denied})
        self.repositories: Mapping[str, type[BaseRepository]] = MappingProxyType(
            {repository.name: repository for plugin in plugins for repository in plugin.manifest.repositories}
        )
        self.hooks = Hooks(manager, list(self.plugins))

    def resolve(self, key: type[RepositoryT] | str) -> type[RepositoryT] | type[BaseRepository]:
        """Return the repository class that a class or a name stands for.

        Raises RepositoryMissing, which says why it isn't there and what to install or allow.
        """
        if not _is_repository(key):
            raise RepositoryMissing(
                f"{key!r} isn't a repository; give a class that subclasses BaseRepository, or the name of one",
                repository=repr(key),
            )
        name = key if isinstance(key, str) else str(getattr(key, "name", key.__qualname__))
        found = self.repositories.get(name)
        if found is not None and (found is key or isinstance(key, str)):
            return found
        shown = repr(key) if isinstance(key, str) else key.__qualname__
        raise RepositoryMissing(f"no repository {shown}: {self._advise(name)}", repository=name)

    def problems(self) -> Sequence[PluginError]:
        """Return the causes of all quarantines."""
        return [entry.error for entry in self.quarantined.values()]

    def _advise(self, name: str) -> str:
        plugin = name.partition(".")[0]
        if plugin in self.plugins:
            own = [each for each in self.repositories if each.partition(".")[0] == plugin]
            listed = ", ".join(own) or "none"
            return f"plugin {plugin!r} is in use, but its manifest doesn't list this one (it lists {listed}); list it"
        if plugin in self.quarantined:
            return f"plugin {plugin!r} is quarantined because {self.quarantined[plugin].error}"
        if plugin in self.denied:
            return f"plugin {plugin!r} is installed but {DENIED.removeprefix('is ')}, or allow= or deny= in the program"
        near = suggestion(name, self.repositories)
        in_use = ", ".join(self.repositories) or "none"
        return (
            f"plugin {plugin!r} isn't installed{near}; install the distribution that brings it, such as "
            f"storeroom-{plugin} (in use: {in_use})"
        )


def denied_too(registry: Registry) -> str:
    """Return a remark on the plugins that are denied, for an answer that one of them might change; or nothing."""
    return f" (denied here: {', '.join(registry.denied)})" if registry.denied else ""


def _is_repository(key: object) -> bool:
    return isinstance(key, str) or (isinstance(key, type) and issubclass(key, BaseRepository))
