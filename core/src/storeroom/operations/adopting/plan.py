"""What the plugins take over from a system, in an order in which what others refer to comes first."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import cast

from sqlalchemy import Table

from storeroom.adoption import TableAdoption
from storeroom.errors import SystemUnknown
from storeroom.names import owns
from storeroom.registry import Registry, denied_too, hook_failed

HOOK = "storeroom_adopt"


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """A table's adoption, and the plugin whose it is."""

    plugin: str
    adoption: TableAdoption

    @property
    def target(self) -> Table:
        """The table that the rows go to."""
        return cast("Table", self.adoption.model.__table__)

    @property
    def needed_columns(self) -> Set[str]:
        """The columns of the other system without which no row has a key."""
        required = (field for field in self.adoption.fields.values() if field.required)
        return {*self.adoption.key, *(name for field in required for name in field.sources)}

    @property
    def read_columns(self) -> Set[str]:
        """The columns of the other system that are read, or known and left."""
        read = (name for field in self.adoption.fields.values() for name in field.sources)
        return {*read, *self.adoption.left, *self.adoption.key, *self.adoption.identity}

    def relates_to(self, other: "PlannedTable") -> bool:
        """Tell whether rows refer to rows of the other's table."""
        return any(field.relates_to == other.adoption.table for field in self.adoption.fields.values())


def plan(registry: Registry, system: str) -> Sequence[PlannedTable]:
    """Ask the plugins what they take over.

    Raises SystemUnknown where nobody takes anything, HookFailed where one's hook raises or answers wrongly.
    """
    planned: list[PlannedTable] = []
    for plugin, implementation in registry.hooks.implementations(HOOK):
        result = implementation(system=system) or ()
        if not isinstance(result, list | tuple) or not all(isinstance(each, TableAdoption) for each in result):
            raise hook_failed(plugin, HOOK, f"returned {result!r}; it must return a list of TableAdoptions")
        for each in (PlannedTable(plugin, adoption) for adoption in result):
            if not owns(plugin, each.target.name):
                raise hook_failed(plugin, HOOK, f"takes rows into {each.target.name!r}, which isn't its own")
            planned.append(each)
    if not planned:
        raise SystemUnknown(
            f"no plugin in use takes over anything from {system!r}; correct the name, or install the plugins for it"
            f"{denied_too(registry)}",
            system=system,
        )
    return _ordered(planned)


def _ordered(planned: Sequence[PlannedTable]) -> Sequence[PlannedTable]:
    graph = {
        place: [number for number, other in enumerate(planned) if number != place and each.relates_to(other)]
        for place, each in enumerate(planned)
    }
    try:
        return [planned[place] for place in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = [planned[place] for place in error.args[1]]
        tables = ", ".join(each.adoption.table for each in circle)
        what = f"has tables that relate to each other in a circle: {tables}"
        raise hook_failed(circle[0].plugin, HOOK, what) from error
