"""Which plugins a plugin requires, of those that are installed."""

from collections.abc import Iterable, Sequence

from storeroom.discovery import Candidate, discover
from storeroom.errors import PluginAbsent, PluginError
from storeroom.names import suggestion
from storeroom.registry import load_plugin


def with_required(names: Iterable[str]) -> Sequence[str]:
    """Return these plugins and all that they require, in order of their names.

    A plugin that can't be loaded is among them, and says so when it is used. Raises PluginAbsent for one of `names`
    that isn't installed.
    """
    found = discover()
    candidates = {each.name: each for each in found.candidates}
    known = {*candidates, *(each.name for each in found.quarantined)}
    wanted, seen = list(names), set[str]()
    for name in wanted:
        if name not in known:
            raise PluginAbsent(
                f"no plugin {name!r} is installed here{suggestion(name, known)}; install its distribution, such as "
                f"pip install -e . in its folder (installed: {', '.join(sorted(known)) or 'none'})",
                plugin=name,
            )
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += _required(candidates[name]) if name in candidates else ()
    return sorted(seen)


def _required(candidate: Candidate) -> Sequence[str]:
    try:
        return load_plugin(candidate).manifest.requires
    except PluginError:
        return ()
