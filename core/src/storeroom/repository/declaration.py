"""What a ModelRepository declares, checked when the class is made."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column

from storeroom.errors import FieldUnknown, ValueRefused
from storeroom.repository.base import Record
from storeroom.repository.filters import Filter
from storeroom.repository.fitting import (
    check_asked,
    check_editable,
    check_filters,
    check_record,
    check_sorts,
    prune_column,
    table_of,
    upsert_rule,
)
from storeroom.repository.paging import Order, SortKey, order_of
from storeroom.sql.upsert import VERSION, UpsertRule, version_column

# Each filter of a query and the kind of condition that its value needs: what makes one statement differ from another.
Kinds = tuple[tuple[str, str], ...]


class Declaration:
    """A repository's table, record, and what its verbs allow.

    Raises TypeError, when the class is made, for what doesn't fit the table.
    """

    def __init__(self, repository: Any) -> None:
        self.owner: str = repository.__name__
        self.name: str = getattr(repository, "name", self.owner)
        try:
            self._take(repository)
        except TypeError as error:
            raise TypeError(f"{self.owner}: {error}") from None

    def _take(self, repository: Any) -> None:
        self.table = table_of(repository.model)
        (self.key,) = self.table.primary_key.columns
        self.version: Column[Any] | None = version_column(self.table)
        # What a new row may be given: all but the version, which begins at 1.
        self.insertable: Sequence[str] = [column.key for column in self.table.columns if column.name != VERSION]
        check_record(repository.record, self.table)
        self.record: type[Record] = repository.record
        self.columns: Sequence[Column[Any]] = [self.table.columns[field] for field in self.record.model_fields]
        check_sorts("sorts", repository.sorts, self.table)
        check_sorts("default_sort", repository.default_sort, self.table)
        self.sorts: Sequence[str] = repository.sorts
        self.default_order = self._order(repository.default_sort, [*self.sorts, *map(_bare, repository.default_sort)])
        check_editable(repository.editable, self.table)
        self.editable: Sequence[str] = repository.editable
        check_filters(repository.filters, self.table)
        check_asked(repository._asked, repository.filters)
        self.filters: Mapping[str, Filter] = repository.filters
        self._upserts = upsert_rule(repository.conflict_key, repository.conflict_rules, self.table)
        self.prune_by = prune_column(repository.prune_by, self.table)

    def kinds(self, filters: Mapping[str, Any], where: Mapping[str, Any] | None) -> tuple[Kinds, dict[str, Any]]:
        """Return the kinds of conditions that a query needs for these filters, and their bound parameters.

        Raises FieldUnknown for a filter that isn't declared, ValueRefused for a value that it doesn't take.
        """
        if where:
            filters = self._together(filters, where)
        kinds: list[tuple[str, str]] = []
        parameters: dict[str, Any] = {}
        for name, value in sorted(filters.items()):
            if name not in self.filters:
                raise self.unknown("filter", name, self.filters)
            kind = self.filters[name].shape(self.table, value)
            parameters |= self.filters[name].parameters(name, value, kind)
            kinds.append((name, kind))
        return tuple(kinds), parameters

    def order(self, sort: str | Sequence[str] | None) -> Order:
        """Return the order that a caller asks for: names of `sorts`, with a `-` before them for the largest first.

        Raises FieldUnknown for a name that isn't declared.
        """
        if sort is None:
            return self.default_order
        return self._order([sort] if isinstance(sort, str) else sort, self.sorts)

    def check_fields(self, fields: Iterable[str], allowed: Sequence[str], verb: str) -> None:
        """Raise FieldUnknown for a field that a verb doesn't set."""
        for field in fields:
            if field not in allowed:
                raise self.unknown("field", field, allowed, f" that {verb}() sets")

    def check_upsert(self, fields: Collection[str], verb: str, position: int | None = None) -> None:
        """Raise FieldUnknown for a field that an upsert doesn't set, ValueRefused where it lacks one of its key."""
        self.check_fields(fields, self.insertable, verb)
        lacking = [name for name in self.upsert_rule.key if name not in fields]
        if lacking:
            raise ValueRefused(
                f"{self.owner}.{verb}() lacks {lacking} of the conflict key; give all of "
                f"{', '.join(self.upsert_rule.key)}",
                field=lacking[0],
                position=position,
            )

    @property
    def upsert_rule(self) -> UpsertRule:
        """What upserts go by; raises TypeError where the class declares no conflict key."""
        if self._upserts is None:
            raise TypeError(f"{self.owner} declares no conflict_key; name the columns that make two rows the same")
        return self._upserts

    def unknown(
        self, what: str, name: str, allowed: Sequence[str] | Mapping[str, object], where: str = ""
    ) -> FieldUnknown:
        """Return the error for a name that isn't in an allow-list."""
        known = f"use one of: {', '.join(allowed)}" if allowed else f"{self.owner} declares none"
        return FieldUnknown(f"{self.owner} has no {what} {name!r}{where}; {known}", repository=self.name, field=name)

    def _together(self, filters: Mapping[str, Any], where: Mapping[str, Any]) -> Mapping[str, Any]:
        twice = sorted(filters.keys() & where.keys())
        if twice:
            raise TypeError(f"{self.owner}: filter {twice[0]!r} is given by name and in where; give it once")
        return {**where, **filters}

    def _order(self, sort: Sequence[str], allowed: Sequence[str]) -> Order:
        keys: list[SortKey] = []
        for name in sort:
            bare = _bare(name)
            if bare not in allowed and bare != self.key.name:
                raise self.unknown("sort", name, allowed)
            if bare not in [key.column.name for key in keys]:
                keys.append(SortKey(self.table.columns[bare], descends=name.startswith("-")))
            if bare == self.key.name:
                return order_of(tuple(keys))  # which is unique, so that what follows decides nothing
        # In the direction of the last, so that one index can be read for both.
        return order_of((*keys, SortKey(self.key, descends=bool(keys) and keys[-1].descends)))


def _bare(name: Any) -> Any:
    return name.removeprefix("-") if isinstance(name, str) else name
