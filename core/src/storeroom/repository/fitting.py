"""Whether what a repository class declares fits its table: checked when the class is made, each refusal a TypeError."""

from collections.abc import Mapping, Sequence
from typing import Any, get_origin, is_typeddict

from sqlalchemy import Column, Table

from storeroom.repository.base import Record
from storeroom.repository.filters import Filter
from storeroom.repository.paging import python_type
from storeroom.sql.upsert import VERSION, UpsertRule, version_column
from storeroom.types import UTCDateTime

# Names that filters can't have, since verbs take options of these names.
OPTIONS = frozenset({"after", "at_most", "before", "limit", "number", "self", "size", "sort", "where"})


def table_of(model: Any) -> Table:
    """Return the table that a model is mapped to, with a primary key of one column."""
    table = getattr(model, "__table__", None)
    if not isinstance(table, Table):
        raise TypeError(f"{model!r} has no table; give a model that is mapped to one")
    if len(table.primary_key.columns) != 1:
        raise TypeError(f"table {table.name!r} has a primary key of several columns; use BaseRepository")
    version = table.columns.get(VERSION)
    if version is not None and version_column(table) is None:
        raise TypeError(
            f"column {VERSION!r} of table {table.name!r} isn't a whole number; that name is the optimistic lock's: "
            "give it another, or make the model Versioned"
        )
    return table


def check_record(record: Any, table: Table) -> None:
    """Check that a record's fields are columns of the table."""
    if not (isinstance(record, type) and issubclass(record, Record)):
        raise TypeError(f"{record!r} is no record; give a subclass of storeroom.Record")
    missing = [field for field in record.model_fields if field not in table.columns]
    if missing:
        raise TypeError(
            f"record {record.__name__} has fields {missing} that table {table.name!r} lacks; name them as the columns "
            "are named"
        )


def check_names(what: str, names: Any, table: Table) -> None:
    """Check that names are a list of the table's columns."""
    if not isinstance(names, Sequence) or isinstance(names, str):
        raise TypeError(f"{what} {names!r} isn't a list; give a list of columns of table {table.name!r}, by name")
    missing = [name for name in names if not isinstance(name, str) or name not in table.columns]
    if missing:
        raise TypeError(f"{what} {names!r}: table {table.name!r} lacks {missing}; give a list of its columns, by name")


def check_sorts(what: str, names: Any, table: Table) -> None:
    """Check that rows can be sorted by columns, whose names may have a `-` before them."""
    if isinstance(names, list | tuple):
        names = [name.removeprefix("-") if isinstance(name, str) else name for name in names]
    check_names(what, names, table)
    for name in names:
        python_type(table.columns[name])  # which raises for what can't be in a cursor


def check_editable(names: Any, table: Table) -> None:
    """Check that the fields that update sets are columns, and neither the key nor the lock."""
    check_names("editable", names, table)
    (key,) = table.primary_key.columns
    if {key.name, VERSION} & set(names):
        raise TypeError(f"neither the primary key nor {VERSION!r} is editable; leave them out")


def check_filters(filters: Any, table: Table) -> None:
    """Check that each filter can ask its columns, under a name that no verb's option nor bound value has."""
    if not isinstance(filters, Mapping):
        raise TypeError(f"filters {filters!r} aren't a mapping; give one, as {{'status': equals('status')}}")
    for name, each in filters.items():
        if not isinstance(name, str) or name in OPTIONS or name.startswith("_"):
            raise TypeError(f"a filter can't be named {name!r}, as an option of the verbs is; choose another name")
        if not isinstance(each, Filter) or not each.columns:
            raise TypeError(f"filter {name!r} is {each!r}; give one of storeroom's over a column, as equals('status')")
        check_names(f"filter {name!r}", each.columns, table)
        try:
            each.check(table)
        except TypeError as error:
            raise TypeError(f"filter {name!r}: {error}") from None


def check_asked(asked: Any, filters: Mapping[str, Filter]) -> None:
    """Check that a TypedDict for `where` has the names of the filters, where a class declares some."""
    if asked is None or get_origin(asked) is Mapping or not filters:
        return
    if not is_typeddict(asked):
        raise TypeError(f"{asked!r} isn't a TypedDict; give one with the filters' names and what each takes")
    if asked.__annotations__.keys() != filters.keys():
        odd = ", ".join(sorted(asked.__annotations__.keys() ^ filters.keys()))
        raise TypeError(f"{asked.__name__} and filters don't have the same names ({odd}); name each in both")
    if asked.__required_keys__:
        raise TypeError(f"{asked.__name__} requires {sorted(asked.__required_keys__)}; declare it with total=False")


def upsert_rule(key: Any, rules: Any, table: Table) -> UpsertRule | None:
    """Return what upserts go by; None without a conflict key."""
    if not key:
        if rules:
            raise TypeError(
                "conflict_rules come without a conflict_key; declare the columns that make two rows the same"
            )
        return None
    check_names("conflict_key", key, table)
    check_names("conflict_rules", list(rules), table)
    for name, rule in rules.items():
        if not callable(rule) or name in key:
            raise TypeError(
                f"the conflict rule of {name!r} is {rule!r}; give a function of the old and the new row, for a column "
                "outside of the key"
            )
    found = UpsertRule(table, key, rules)
    found.check_versioned()
    return found


def prune_column(name: Any, table: Table) -> Column[Any] | None:
    """Return the column that tells a row's age; None where none is declared."""
    if name is None:
        return None
    check_names("prune_by", [name], table)
    column: Column[Any] = table.columns[name]
    if not isinstance(column.type, UTCDateTime):
        raise TypeError(f"prune_by {name!r} isn't a time; name a Mapped[datetime] column")
    return column
