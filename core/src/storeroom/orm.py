"""What models are made with: a registry for each plugin, and the column type for points in time."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, Table, event
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator

from storeroom import errors
from storeroom.errors import NameNotOwned, PluginNameInvalid
from storeroom.names import PLUGIN_NAME, owns

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class ValueRefused(errors.ValueRefused, DontWrapMixin):
    """A ValueRefused that SQLAlchemy passes on as it is, where it would make a StatementError of others."""


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time, aware and in UTC on both databases.

    What isn't a datetime, or is a naive one, is refused with ValueRefused; another zone is converted. SQLite stores
    text that sorts by time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise ValueRefused(
                f"{value!r} isn't a datetime with a time zone; give one, as in datetime.now(UTC)", value=value
            )
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PluginMetaData(MetaData):
    """The tables of one plugin, named as the plugin or `<plugin>_…`, with core's naming convention."""

    def __init__(self, plugin: str) -> None:
        super().__init__(naming_convention=NAMING_CONVENTION)
        self.plugin = plugin


def plugin_registry(plugin: str) -> registry:
    """Return the registry of a plugin's declarative base: its own MetaData and its own class names.

    Use it as `registry = plugin_registry("notes")` in the body of a DeclarativeBase. A `Mapped[datetime]` column
    becomes a UTCDateTime.

    Raises PluginNameInvalid for a name that no plugin can have; a table whose name isn't the plugin's to take
    raises NameNotOwned when its class is defined.
    """
    if not PLUGIN_NAME.fullmatch(plugin):
        raise PluginNameInvalid(
            f"plugin name {plugin!r} can't be used: choose lower-case letters and digits, a letter first",
            plugin=plugin,
        )
    return registry(metadata=PluginMetaData(plugin), type_annotation_map={datetime: UTCDateTime()})


@event.listens_for(Table, "after_parent_attach")
def _check_ownership(table: Table, parent: MetaData) -> None:
    # Here and not before_parent_attach: the table has no name yet at that moment.
    if not isinstance(parent, PluginMetaData):
        return
    plugin = parent.plugin
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
