"""What is different between two schemas, a line for each thing."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from storeroom.drift import Difference
from storeroom.schema.defaults import equal_defaults
from storeroom.schema.tables import ColumnSchema, Part, TableSchema

_COLUMN_KINDS: Mapping[str, Callable[[ColumnSchema], str | None]] = {
    "type": lambda column: column.type,
    "nullability": lambda column: column.nullability,
    "default": lambda column: column.default,
    "generated": lambda column: column.generated,
    "identity": lambda column: column.identity,
    "collation": lambda column: column.collation,
}


def differences(found: Mapping[str, TableSchema], expected: Mapping[str, TableSchema]) -> Sequence[Difference]:
    """Compare what a database has with what the models say, table by table, in the order of their names.

    The order of columns is no difference. Sequences, comments, triggers, privileges, storage parameters and tablespaces
    of tables, and the definitions of domains are not compared. The name of an index or a constraint is, since a later
    revision drops it by name; a difference of the name alone is one difference.
    """
    different: list[Difference] = []
    for name in sorted(found.keys() | expected.keys()):
        has, wants = found.get(name), expected.get(name)
        if has is not None and wants is not None:
            different += _in_table(name, has, wants)
        else:
            different.append(Difference(name, "table", name, name if has else None, name if wants else None))
    return different


def _in_table(table: str, has: TableSchema, wants: TableSchema) -> Iterator[Difference]:
    for column in sorted(has.columns.keys() | wants.columns.keys()):
        found, expected = has.columns.get(column), wants.columns.get(column)
        if found is not None and expected is not None:
            yield from _in_column(table, column, found, expected, has.dialect)
        else:
            yield Difference(
                table, "column", column, found.type if found else None, expected.type if expected else None
            )
    for kind in sorted({part.kind for part in (*has.parts, *wants.parts)}):
        yield from _in_parts(
            table, kind, [part for part in has.parts if part.kind == kind], [p for p in wants.parts if p.kind == kind]
        )
    if has.options != wants.options:
        yield Difference(table, "options", None, has.options or "none", wants.options or "none")


def _in_column(
    table: str, name: str, found: ColumnSchema, expected: ColumnSchema, dialect: str
) -> Iterator[Difference]:
    for kind, get in _COLUMN_KINDS.items():
        has, wants = get(found), get(expected)
        equal = has == wants or (
            kind == "default" and dialect == "sqlite" and equal_defaults(has, wants, expected.type)
        )
        if not equal:
            yield Difference(table, kind, name, has, wants)


def _in_parts(table: str, kind: str, has: list[Part], wants: list[Part]) -> Iterator[Difference]:
    """Pair what is equal, then what has the same name, then what is equal but for its name."""
    is_primary = kind == "primary key"
    _paired(has, wants, lambda one, other: one == other)
    for found, expected in _paired(
        has, wants, lambda one, other: is_primary or (one.name is not None and one.name == other.name)
    ):
        if found.definition == expected.definition:  # a primary key of another name
            yield Difference(table, kind, expected.name, found.name, expected.name, only_name=True)
        else:
            yield Difference(table, kind, expected.name, found.definition, expected.definition)
    for found, expected in _paired(has, wants, lambda one, other: one.definition == other.definition):
        yield Difference(table, kind, expected.name or found.name, found.name, expected.name, only_name=True)
    yield from (Difference(table, kind, part.name, part.definition, None) for part in has)
    yield from (Difference(table, kind, part.name, None, part.definition) for part in wants)


def _paired(has: list[Part], wants: list[Part], fits: Callable[[Part, Part], bool]) -> Sequence[tuple[Part, Part]]:
    """Take the pairs that fit out of both lists."""
    pairs = []
    for found in list(has):
        expected = next((each for each in wants if fits(found, each)), None)
        if expected is not None:
            has.remove(found)
            wants.remove(expected)
            pairs.append((found, expected))
    return pairs
