"""What a ModelRepository declares, checked when the class is made."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import DeclarativeBase

from storeroom.errors import FieldUnknown
from storeroom.repository.base import Record
from storeroom.repository.filters import Filter
from storeroom.repository.paging import Order, SortKey, order_of, python_type
from storeroom.sql.upsert import VERSION, UpsertRule
from storeroom.types import UTCDateTime

# Names that filters can't have, since verbs take options of these names.
OPTIONS = frozenset({"after", "at_most", "limit", "number", "size", "sort"})


# Each filter of a query and the kind of condition that its value needs: what makes one statement differ from another.
Kinds = tuple[tuple[str, str], ...]


class Declaration:
    """A repository's table, record, and what its verbs allow.

    Raises TypeError, when the class is made, for what doesn't fit the table.
    """

    def __init__(self, repository: Any) -> None:
        self.owner: str = repository.__name__
        self.name: str = getattr(repository, "name", self.owner)
        self.table = _table(self.owner, repository.model)
        self.record: type[Record] = repository.record
        self.filters: Mapping[str, Filter] = repository.filters
        self.sorts: Sequence[str] = repository.sorts
        self.editable: Sequence[str] = repository.editable
        self._check_record()
        if len(self.table.primary_key.columns) != 1:
            raise TypeError(
                f"{self.owner}: table {self.table.name!r} has a primary key of several columns; use BaseRepository"
            )
        self.columns: Sequence[Column[Any]] = [self.table.columns[field] for field in self.record.model_fields]
        (self.key,) = self.table.primary_key.columns
        self._check_sorts("sorts", self.sorts)
        self._check_sorts("default_sort", repository.default_sort)
        self._check_names("editable", self.editable)
        self._check_filters()
        self.version: Column[Any] | None = self.table.columns.get(VERSION)
        self.default_order = self._order(repository.default_sort, [*self.sorts, *map(_bare, repository.default_sort)])
        self._upserts = self._upsert_rule(repository.conflict_key, repository.conflict_rules)
        self.prune_by = self._prune_by(repository.prune_by)

    def kinds(self, filters: Mapping[str, Any]) -> tuple[Kinds, dict[str, Any]]:
        """Return the kinds of conditions that a query needs for these filters, and their bound parameters.

        Raises FieldUnknown for a filter that isn't declared, ValueRefused for a value that it doesn't take.
        """
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

    def check_fields(self, fields: Mapping[str, Any], allowed: Sequence[str], verb: str) -> None:
        """Raise FieldUnknown for a field that a verb doesn't set."""
        for field in fields:
            if field not in allowed:
                raise self.unknown("field", field, allowed, f" that {verb}() sets")

    @property
    def upsert_rule(self) -> UpsertRule:
        """What upserts go by; raises TypeError where the class declares no conflict key."""
        if self._upserts is None:
            raise TypeError(f"{self.owner} declares no conflict_key; name the columns that make two rows the same")
        return self._upserts

    @property
    def insertable(self) -> Sequence[str]:
        """The fields that a new row may be given: all but the version, which begins at 1."""
        return [name for name in self.table.columns.keys() if name != VERSION]  # noqa: SIM118  # not a dict

    def unknown(
        self, what: str, name: str, allowed: Sequence[str] | Mapping[str, object], where: str = ""
    ) -> FieldUnknown:
        """Return the error for a name that isn't in an allow-list."""
        known = f"use one of: {', '.join(allowed)}" if allowed else f"{self.owner} declares none"
        return FieldUnknown(f"{self.owner} has no {what} {name!r}{where}; {known}", repository=self.name, field=name)

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

    def _check_record(self) -> None:
        missing = [field for field in self.record.model_fields if field not in self.table.columns]
        if missing:
            raise TypeError(
                f"{self.owner}: record {self.record.__name__} has fields {missing} that table {self.table.name!r} "
                "lacks; name them as the columns are named"
            )

    def _check_names(self, what: str, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in self.table.columns]
        if missing or isinstance(names, str):
            raise TypeError(
                f"{self.owner}: {what} {names!r}: table {self.table.name!r} lacks {missing}; give a list of its columns"
            )
        if what == "editable" and {self.key.name, VERSION} & set(names):
            raise TypeError(f"{self.owner}: neither the primary key nor {VERSION!r} is editable; leave them out")

    def _check_sorts(self, what: str, names: Sequence[str]) -> None:
        bare = names if isinstance(names, str) else [_bare(name) for name in names]
        self._check_names(what, bare)
        for name in bare:
            python_type(self.table.columns[name])  # which raises for what can't be in a cursor

    def _check_filters(self) -> None:
        for name, each in self.filters.items():
            if name in OPTIONS:
                raise TypeError(f"{self.owner}: a filter can't be named {name!r}, as an option of the verbs is")
            try:
                each.check(self.table)
            except TypeError as error:
                raise TypeError(f"{self.owner}: filter {name!r}: {error}") from None

    def _upsert_rule(self, key: Sequence[str], rules: Mapping[str, Any]) -> UpsertRule | None:
        if not key:
            return None
        self._check_names("conflict_rules", list(rules))
        found = UpsertRule(self.table, key, rules)
        found.check_versioned()
        return found

    def _prune_by(self, name: str | None) -> Column[Any] | None:
        if name is None:
            return None
        self._check_names("prune_by", [name])
        column = self.table.columns[name]
        if not isinstance(column.type, UTCDateTime):
            raise TypeError(f"{self.owner}: prune_by {name!r} isn't a time; name a Mapped[datetime] column")
        return column


def _bare(name: Any) -> Any:
    return name.removeprefix("-") if isinstance(name, str) else name


def _table(repository: str, model: type[DeclarativeBase]) -> Table:
    table = getattr(model, "__table__", None)
    if not isinstance(table, Table):
        raise TypeError(f"{repository}: {model!r} has no table; give a model that is mapped to one")
    return table
