"""What these tests do to plugins: each call as a command would, in an installation of its own."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from storeroom import lifecycle
from storeroom.lifecycle import Claim, Holdings
from storeroom.settings import Settings
from tests.migrations.installations import installed

T = TypeVar("T")

# The plugins that these tests make; which of them are installed is another matter.
NAMES = ("alpha", "beta", "gamma")


def _in_installation(url: str, work: Callable[..., T], *arguments: Any, settings: Settings | None = None) -> T:
    with installed(url, *NAMES, settings=settings) as installation, installation.migrating() as database:
        return work(database, installation.registry, *arguments)


def downgrade(url: str, name: str, target: str) -> Sequence[str]:
    return [each.id for each in _in_installation(url, lifecycle.downgrade, name, target)]


def purge(url: str, name: str) -> Sequence[str]:
    return _in_installation(url, lifecycle.purge, name)


def forget(url: str, name: str) -> Sequence[str]:
    return _in_installation(url, lambda database, _registry, plugin: lifecycle.forget(database, plugin), name)


def claim(url: str, name: str, at: str | None = None) -> Claim:
    return _in_installation(url, lifecycle.claim, name, at)


def holdings(url: str, name: str) -> Holdings:
    return _in_installation(url, lifecycle.holdings, name)


def preview(url: str, settings: Settings | None = None) -> str:
    return _in_installation(url, lifecycle.preview, settings=settings)


def drifting(url: str, *names: str) -> dict[str, list[str]]:
    """Each plugin that has something to be done, with what its differences and its note say."""
    found = _in_installation(url, lifecycle.drift, names)
    return {each.plugin: [*map(str, each.differences), *([each.note] if each.note else [])] for each in found if each}
