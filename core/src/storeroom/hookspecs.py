"""The catalogue of core's hooks: what a plugin may implement with `@hookimpl`.

Core calls the implementations one plugin at a time, in the registry's order. One that raises is reported under its
plugin's name and leaves the others' results intact. Wrappers are refused.
"""

from collections.abc import Sequence
from typing import Any

import pluggy

from storeroom.adoption import TableAdoption
from storeroom.contributions import Finding, Retention
from storeroom.manifest import Manifest
from storeroom.repository import Work

hookspec = pluggy.HookspecMarker("storeroom")
hookimpl = pluggy.HookimplMarker("storeroom")


@hookspec
def storeroom_manifest() -> Manifest:  # type: ignore[empty-body]  # a specification has no body
    """Say what the plugin brings. Every plugin implements it; it is called whenever the plugin is loaded.

    A process may load it more than once. It must not touch a database, since there is none yet.
    """


@hookspec
def storeroom_health(uow: Work) -> Sequence[Finding]:  # type: ignore[empty-body]  # a specification has no body
    """Report what needs attention in the plugin's data; `uow` reads only. Called by `Storeroom.health`."""


@hookspec
def storeroom_prune() -> Sequence[Retention]:  # type: ignore[empty-body]  # a specification has no body
    """Say what of the plugin's rows isn't kept for ever. Called by `Storeroom.prune`."""


@hookspec
def storeroom_adopt(system: str) -> Sequence[TableAdoption]:  # type: ignore[empty-body]  # a specification has no body
    """Say which tables of another system's database the plugin takes over, none if it doesn't know the system.

    Called by `storeroom adopt SYSTEM FILE`; `system` is in lower case.
    """


@hookspec
def storeroom_commands() -> Any:
    """Return a typer.Typer; its commands appear as `storeroom <plugin> …`."""
