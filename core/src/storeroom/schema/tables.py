"""What is compared of a table: columns, constraints, indexes and options, each as text in one normal form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """A column. What is None isn't there; a collation is named only where it isn't the type's own."""

    type: str
    nullability: str
    default: str | None = None
    generated: str | None = None
    identity: str | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A constraint, or an index that isn't a constraint's. `name` is None where it has none, or where none counts."""

    kind: str
    name: str | None
    definition: str


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table of a database of one kind, which `dialect` names.

    `options` is what stands outside of the parentheses that hold the columns: STRICT, UNLOGGED, the key of partitions.
    """

    dialect: str
    columns: Mapping[str, ColumnSchema]
    parts: Sequence[Part]
    options: str = ""
