"""What models are made with: a registry for each plugin, and the column of the optimistic lock."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import MetaData, Table, event
from sqlalchemy.orm import Mapped, mapped_column, registry
from sqlalchemy.types import TypeEngine

from storeroom.errors import NameNotOwned, PluginNameInvalid
from storeroom.names import PLUGIN_NAME, owns
from storeroom.types import (
    BigInt,
    CalendarDate,
    Flag,
    Int,
    JSONCounters,
    JSONDocument,
    PlainText,
    Real,
    UTCDateTime,
    check_choices,
)

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_TYPES: Mapping[Any, TypeEngine[Any]] = {
    bool: Flag(),
    date: CalendarDate(),
    datetime: UTCDateTime(),
    dict[str, Any]: JSONDocument(),
    dict[str, int]: JSONCounters(),
    float: Real(),
    int: Int(),
    str: PlainText(),
}


class PluginMetaData(MetaData):
    """The tables of one plugin, named as the plugin or `<plugin>_…`, with core's naming convention."""

    def __init__(self, plugin: str) -> None:
        super().__init__(naming_convention=NAMING_CONVENTION)
        self.plugin = plugin


def plugin_registry(plugin: str) -> registry:
    """Return the registry of a plugin's declarative base: its own MetaData and its own class names.

    Use it as `registry = plugin_registry("notes")` in the body of a DeclarativeBase. `Mapped[…]` of bool, int, float,
    str, date, datetime, dict[str, Any] and dict[str, int] are the types of storeroom.sql, which take the same values on
    both databases and refuse others.

    Raises PluginNameInvalid for a name that no plugin can have; a table whose name isn't the plugin's to take
    raises NameNotOwned when its class is defined.
    """
    if not PLUGIN_NAME.fullmatch(plugin):
        raise PluginNameInvalid(
            f"plugin name {plugin!r} can't be used: choose lower-case letters and digits, a letter first",
            plugin=plugin,
        )
    return registry(metadata=PluginMetaData(plugin), type_annotation_map=_TYPES)


class Versioned:
    """A mixin for models whose rows are upserted, or edited by several at once.

    `version` is 1 at insert and grows by one with each change; it tells an insert from an update, and it is the
    optimistic lock of `ModelRepository.update`.
    """

    version: Mapped[int] = mapped_column(BigInt(), default=1, server_default="1", sort_order=1000)


@event.listens_for(Table, "after_parent_attach")
def _on_attach(table: Table, parent: MetaData) -> None:
    # Here and not before_parent_attach: the table has no name yet at that moment.
    if isinstance(parent, PluginMetaData):
        _check_ownership(table, parent.plugin)
        check_choices(table)


def _check_ownership(table: Table, plugin: str) -> None:
    if table.schema is not None:
        raise NameNotOwned(
            f"table {table.fullname!r} of plugin {plugin!r} names a schema: leave it out, the application decides",
            plugin=plugin,
            name=table.fullname,
        )
    if not owns(plugin, table.name):
        raise NameNotOwned(
            f"table {table.name!r} isn't for plugin {plugin!r} to take: call it {plugin!r} or '{plugin}_…'",
            plugin=plugin,
            name=table.name,
        )
