"""Upserts: one statement that inserts a row or changes the one that has its key, and tells which."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast, overload

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    literal_column,
    or_,
)
from sqlalchemy.sql.schema import ColumnElementColumnDefault

from storeroom.sql.conflicts import Insert, insert
from storeroom.types import Int

# What a field becomes when the row is there: from that row's columns, and from those of the row that was given.
Rule = Callable[[Any, Any], ColumnElement[Any]]


class Outcome(StrEnum):
    """What an upsert did."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"

    @classmethod
    def of(cls, version: int | None) -> "Outcome":
        """Tell it from the version that the statement returned; None is for no row."""
        if version is None:
            return cls.UNCHANGED
        return cls.INSERTED if version == 1 else cls.UPDATED


_BY_CODE = {ord("+"): Outcome.INSERTED, ord("~"): Outcome.UPDATED, ord("="): Outcome.UNCHANGED}
_CODES: Mapping[str, int] = {outcome: code for code, outcome in _BY_CODE.items()}


def code(version: int | None) -> int:
    """Return the byte that stands for the outcome in Outcomes: `+` inserted, `~` updated, `=` unchanged."""
    return 61 if version is None else 43 if version == 1 else 126


class Outcomes(Sequence[Outcome]):
    """The outcome of each item of a bulk upsert, in the order of the input. It holds one byte an item."""

    def __init__(self, codes: bytes | bytearray) -> None:
        self._codes = codes

    def count(self, value: object) -> int:
        """Return how many items have this outcome."""
        code = _CODES.get(value) if isinstance(value, str) else None
        return 0 if code is None else self._codes.count(code)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | Sequence[Outcome]:
        if isinstance(index, slice):
            return Outcomes(self._codes[index])
        return _BY_CODE[self._codes[index]]

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[Outcome]:
        return map(_BY_CODE.__getitem__, self._codes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Outcomes):
            return self._codes == other._codes
        return list(self) == list(other) if isinstance(other, list | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(outcome)} {outcome}" for outcome in Outcome)
        return f"<Outcomes: {counts}>"


@dataclass(frozen=True, eq=False)
class UpsertRule:
    """What the upserts of a table go by: the conflict key, and what fields become on a conflict.

    Raises TypeError unless the key is of NOT NULL columns with a unique constraint over just them.
    """

    table: Table
    key: Sequence[str]
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_conflict_key(self.table, self.key)

    @property
    def version(self) -> Column[Any]:
        """The column that tells an insert from an update."""
        self.check_versioned()
        return self.table.c[VERSION]

    def check_versioned(self) -> None:
        """Raise TypeError when the table has no version."""
        if version_column(self.table) is None:
            raise TypeError(
                f"table {self.table.name!r} has no column {VERSION!r}, which tells an insert from an update; make the "
                "model Versioned"
            )


def upsert(table: Table, key: Sequence[str], fields: Sequence[str], rules: Mapping[str, Rule] | None = None) -> Insert:
    """Build the statement that inserts a row of these fields, or changes the row that has the same key.

    Run it by `Statement(upsert(…))` with the fields as parameters; fields that aren't named take their defaults at
    insert and stay as they are on a conflict. A rule says what a field becomes on a conflict, from the row that is
    there and the one that is given, as in `{"hits": lambda old, new: old.hits + new.hits}`; without one it takes the
    given value, and a primary key stays. Where nothing would change, nothing is written, and the row is locked all the
    same. A column `version` is 1 at insert and grows by one with each change: add `.returning(table.c.version)` and
    ask `Outcome.of`. A column with a SQL expression as its `onupdate` takes that on a change.

    Raises TypeError unless the key is of NOT NULL columns with a unique constraint over just them.

    On both databases:
        INSERT INTO t (k, a, version) VALUES (:k, :a, :version) ON CONFLICT (k) DO UPDATE
        SET a = excluded.a, version = (t.version + 1) WHERE t.a IS DISTINCT FROM excluded.a RETURNING t.version
    """
    return on_conflict(insert(table), UpsertRule(table, key, rules or {}), fields)


def on_conflict(statement: Insert, rule: UpsertRule, fields: Sequence[str]) -> Insert:
    """Add to an insert what happens to a row that has the key."""
    old, new = rule.table.c, statement.excluded
    # A primary key that is given counts at insert: what other rows refer to stays as it is.
    kept = {*rule.key, *(column.name for column in rule.table.primary_key.columns)}
    named = [name for name in [*fields, *(name for name in rule.rules if name not in fields)] if name not in kept]
    changes: dict[str, ColumnElement[Any]] = {
        name: rule.rules[name](old, new) if name in rule.rules else new[name] for name in named
    }
    differs = or_(false(), *(_differ(old[name], value) for name, value in changes.items()))
    for column in rule.table.columns:
        if column.onupdate is not None and column.name not in changes:
            changes[column.name] = _on_update(column)
    version = version_column(rule.table)
    if version is not None:
        changes[VERSION] = version + literal_column("1")
    changes = changes or {rule.key[0]: new[rule.key[0]]}  # something must be set for the row to be locked
    return statement.on_conflict_do_update(index_elements=list(rule.key), set_=changes, where=differs)


def _differ(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    # SQLAlchemy's is_distinct_from forgets on SQLite that a bulk statement has its constants written out.
    return one.op("IS DISTINCT FROM", precedence=5, is_comparison=True)(other)


def _on_update(column: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(column.onupdate, ColumnElementColumnDefault):
        raise TypeError(
            f"column {column.name!r} of table {column.table.name!r} has a Python value as its onupdate, which one "
            "statement for many rows can't take; give it storeroom.sql.now(), or a rule"
        )
    return cast("ColumnElement[Any]", column.onupdate.arg)


VERSION = "version"


def version_column(table: Table) -> Column[Any] | None:
    """Return the column by which changes of a row are counted; None where there is none, or it is no whole number."""
    column = table.c.get(VERSION)
    return column if column is not None and isinstance(column.type, Int | Integer) else None


def check_conflict_key(table: Table, key: Sequence[str]) -> None:
    """Raise TypeError unless the key is of NOT NULL columns of the table, with a unique constraint over just them."""
    missing = [name for name in key if name not in table.c]
    if missing or not key:
        raise TypeError(f"conflict key {tuple(key)!r}: name columns of table {table.name!r}, which has no {missing}")
    nullable = [name for name in key if table.c[name].nullable]
    if nullable:
        raise TypeError(
            f"conflict key {tuple(key)!r} of table {table.name!r}: columns {nullable} can be NULL, and NULL conflicts "
            "with nothing; make them NOT NULL, with '' for none where it is text (NoneAsEmpty)"
        )
    constraints = (rule for rule in table.constraints if isinstance(rule, UniqueConstraint | PrimaryKeyConstraint))
    plain = (rule for rule in constraints if not rule.deferrable)
    indexes = (index for index in table.indexes if index.unique and _is_plain(index))
    if not any({column.name for column in rule.columns} == set(key) for rule in (*plain, *indexes)):
        raise TypeError(
            f"conflict key {tuple(key)!r}: table {table.name!r} has no unique constraint over just these columns (one "
            "that can be deferred, or an index with a condition or of expressions, doesn't serve); add "
            f"UniqueConstraint({', '.join(map(repr, key))})"
        )


def _is_plain(index: Index) -> bool:
    """Tell whether an index is of columns, and of all rows."""
    partial = any(index.dialect_options[name]["where"] is not None for name in ("sqlite", "postgresql"))
    return not partial and all(isinstance(each, Column) for each in index.expressions)
