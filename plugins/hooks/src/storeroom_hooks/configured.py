"""What script hooks and webhooks have in common: they are configured by people, and triggered by events."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from sqlalchemy.orm import DeclarativeBase

from storeroom import Filter, ModelRepository, Record, Statement, equals
from storeroom.errors import FieldUnknown, ValueRefused
from storeroom_hooks.checks import Checks, checked
from storeroom_hooks.records import HookFilters

ModelT = TypeVar("ModelT", bound=DeclarativeBase)
RecordT = TypeVar("RecordT", bound=Record)


class ConfiguredRepository(ModelRepository[ModelT, RecordT, HookFilters]):
    """The verbs of script hooks and of webhooks.

    Every field is checked before anything is sent: `checks` are those that `add` and `update` set, the `required` ones
    have no default. All else of a row is written by `record_trigger`.
    """

    filters: ClassVar[Mapping[str, Filter]] = {"event": equals("event"), "enabled": equals("enabled")}
    sorts = ("name",)
    checks: ClassVar[Checks] = {}
    required: ClassVar[tuple[str, ...]] = ()

    def add(self, /, **fields: Any) -> RecordT:
        """Insert a hook of the fields that `create` takes, and return it; one statement. Raises as `create`."""
        return super().add(**self._new(fields))

    def add_many(self, items: Iterable[Mapping[str, Any]]) -> int:
        """Insert a hook for each item, all of the same fields, and return how many; all or none.

        As many statements as that of every repository. Raises as `create`, with the item's position.
        """
        return super().add_many(self._new_ones(items))

    def update(self, key: Any, /, *, version: int | None = None, **fields: Any) -> RecordT:
        """Set the named fields of those that `create` takes, and return the hook; one statement.

        With the `version` that the caller has read, only if the hook wasn't changed since, by an edit or a trigger;
        two statements where that fails. Raises NotFound, StaleVersion, FieldUnknown and ValueRefused.
        """
        return super().update(key, version=version, **checked(self.checks, fields))

    def _trigger(self, statement: Statement, key: int, **values: Any) -> RecordT:
        cure = "it may have been deleted meanwhile: there is nothing to count"
        return self._changed(statement, key, cure, **values)

    def _new(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        for name in fields:
            if name not in self.checks:
                raise FieldUnknown(
                    f"{self.name} has no field {name!r} that a new one is given; use {', '.join(self.checks)}",
                    repository=self.name,
                    field=name,
                )
        for name in self.required:
            if name not in fields:
                raise ValueRefused(f"{name}: it is missing; give it a value", field=name)
        return checked(self.checks, fields)

    def _new_ones(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        names: frozenset[str] | None = None
        for position, item in enumerate(items):
            names = frozenset(item) if names is None else names
            try:
                if item.keys() != names:
                    # Core would tell the item, of which nobody knows what it holds.
                    raise ValueRefused(f"it has other fields than the first, {sorted(names)}; give all items the same")
                fields = self._new(item)
            except ValueRefused as error:
                raise ValueRefused(
                    f"item {position}, {error}", value=error.value, field=error.field, position=position
                ) from None
            yield fields
