"""A plugin's tables: columns with their types, keys, and relations as a Mermaid diagram."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Dialect, Table, UniqueConstraint
from sqlalchemy.engine import make_url

from storeroom.reference.markdown import code, listed, table
from storeroom.registry import Plugin

DIALECTS: Mapping[str, Dialect] = {
    name: make_url(f"{name.lower()}://").get_dialect()() for name in ("SQLite", "PostgreSQL")
}


def tables_of(plugin: Plugin) -> Sequence[Table]:
    """Return a plugin's tables, those that others refer to first."""
    return plugin.manifest.models.metadata.sorted_tables if plugin.manifest.models is not None else []


def tables_section(tables: Sequence[Table], level: int, dialects: Mapping[str, Dialect]) -> str:
    """Return the tables as sections, and their relations; `dialects` say in which databases' words types are shown."""
    sections = [_table_section(each, level, dialects) for each in tables]
    return "\n\n".join([code(diagram(tables), "mermaid"), *sections])


def diagram(tables: Sequence[Table]) -> str:
    """Return the tables' keys and relations as a Mermaid erDiagram; tables of other plugins appear by name."""
    lines = ["erDiagram"]
    for each in tables:
        lines += [f"    {_word(each.name)} {{", *(f"        {_attribute(column)}" for column in _keys(each)), "    }"]
    for each in tables:
        for constraint in sorted(each.foreign_key_constraints, key=lambda found: tuple(found.column_keys)):
            names = [column.name for column in constraint.columns]
            # The parent: none or one where the key may be NULL. The child: one at most where the key is unique.
            parent = "|o" if any(column.nullable for column in constraint.columns) else "||"
            child = "o|" if _is_unique(each, names) else "o{"
            there = _word(constraint.referred_table.name)
            label = ", ".join(map(_word, names))
            lines.append(f'    {there} {parent}--{child} {_word(each.name)} : "{label}"')
    return "\n".join(lines)


def _table_section(shown: Table, level: int, dialects: Mapping[str, Dialect]) -> str:
    rows = [
        [
            f"`{column.name}`",
            *(column.type.compile(dialect) for dialect in dialects.values()),
            "yes" if column.nullable else "",
            ", ".join(_roles(column)),
        ]
        for column in shown.columns
    ]
    heads = ["column", *(["type"] if len(dialects) == 1 else dialects), "NULL", "key"]
    unique = [names for names in _unique_constraints(shown) if len(names) > 1]
    together = f"Unique together: {'; '.join(map(listed, unique))}." if unique else ""
    return "\n\n".join(filter(None, [f"{'#' * level} Table `{shown.name}`", table(heads, rows), together]))


def _keys(shown: Table) -> Sequence[Column[Any]]:
    return [column for column in shown.columns if column.primary_key or column.foreign_keys]


def _attribute(column: Column[Any]) -> str:
    marks = [*(["PK"] if column.primary_key else []), *(["FK"] if column.foreign_keys else [])]
    return f"{_word(column.type.compile(DIALECTS['SQLite']))} {_word(column.name)} {', '.join(marks)}"


def _roles(column: Column[Any]) -> Sequence[str]:
    is_unique = not column.primary_key and _is_unique(column.table, [column.name])
    own = ["primary key"] if column.primary_key else ["unique"] if is_unique else []
    return [*own, *(f"→ `{_target(key.column)}`, {key.ondelete or 'NO ACTION'}" for key in column.foreign_keys)]


def _target(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _unique_constraints(shown: Table) -> Sequence[Sequence[str]]:
    found = [each for each in shown.constraints if isinstance(each, UniqueConstraint)]
    return sorted([column.name for column in each.columns] for each in found)


def _is_unique(shown: Table, names: Sequence[str]) -> bool:
    """Whether no two rows have the same in these columns, by the key, a constraint, or an index over all rows."""
    # An index with a condition, or over an expression, says nothing of all rows by their columns.
    indexes = [
        each
        for each in shown.indexes
        if each.unique and not each.dialect_kwargs and len(each.columns) == len(each.expressions)
    ]
    found = [list(shown.primary_key.columns.keys()), *_unique_constraints(shown)]
    found += [[column.name for column in each.columns] for each in indexes]
    return sorted(names) in map(sorted, found)


def _word(text: str) -> str:
    """Return text as Mermaid takes it for a name: `VARCHAR(64)` stays, spaces and commas become underscores."""
    return re.sub(r"^(?=\d)", "_", re.sub(r"[^\w()-]+", "_", text))
