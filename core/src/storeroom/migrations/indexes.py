"""Indexes of SQLite's that Alembic can't compare: on expressions, in descending order, or with a condition.

SQLite keeps the text that created an index. It is compared with the text of the index in the models, so that what
`storeroom revision` wrote is equal, and what was written otherwise by hand is created anew.
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from alembic.operations.ops import (
    AddColumnOp,
    CreateIndexOp,
    DowngradeOps,
    DropIndexOp,
    ModifyTableOps,
    UpgradeOps,
)
from sqlalchemy import ClauseElement, Column, ColumnClause, Index, MetaData, Table, literal_column
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, DefaultClause

_INDEXES = """
SELECT m.name, m.tbl_name, m.sql, max(i.partial OR x.cid = -2 OR x."desc")
FROM sqlite_master AS m, pragma_index_list(m.tbl_name) AS i, pragma_index_xinfo(m.name) AS x
WHERE m.type = 'index' AND m.sql IS NOT NULL AND i.name = m.name AND x.key = 1
GROUP BY m.name, m.tbl_name, m.sql
"""
_TOKEN = re.compile(r"""'(?:[^']|'')*'|\w+|[^\w\s"`\[\]]""")
_CREATED = re.compile(
    r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\b[^(]*\((?P<columns>.*?)\)\s*(?:WHERE\b\s*(?P<where>.*))?$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """The indexes to drop, to create and to keep; Alembic is to leave all of `names` alone."""

    names: Set[str] = frozenset()
    dropped: Sequence[Index] = ()
    created: Sequence[Index] = ()
    kept: Sequence[Index] = ()

    def add_to(self, upgrade: UpgradeOps, downgrade: DowngradeOps) -> None:
        """Add the changes: indexes are dropped before all else, and created after it."""
        _surround(upgrade, self.dropped, self.created)
        upgrade.reverse_into(downgrade)
        for operations in (upgrade, downgrade):
            # Batch mode loses such an index where it makes the table anew.
            rebuilt = {
                each.table_name for each in operations.ops if isinstance(each, ModifyTableOps) and _rebuilds(each)
            }
            lost = [index for index in self.kept if index.table is not None and index.table.name in rebuilt]
            _surround(operations, lost, lost)


def compare_indexes(driver: sqlite3.Connection, metadata: MetaData, own: Set[str]) -> IndexChanges:
    """Compare the models' indexes with those of the plugin's own tables, as far as Alembic can't."""
    in_database = _held(driver, own)
    in_models = {str(index.name): index for table in metadata.tables.values() for index in table.indexes}
    names = {name for name, held in in_database.items() if held.special}
    names |= {name for name, index in in_models.items() if _special(index)}
    equal = {
        name for name in names & in_database.keys() & in_models.keys() if in_database[name].equals(in_models[name])
    }
    changed = sorted(names - equal)
    return IndexChanges(
        names,
        [in_database[name].index for name in changed if name in in_database],
        [in_models[name] for name in changed if name in in_models],
        [in_models[name] for name in sorted(equal)],
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """An index of the database's, and the text that created it."""

    index: Index
    text: str
    special: bool

    def equals(self, index: Index) -> bool:
        """Tell whether the models' index is created by the same text; case and quotes of names don't count."""
        statement = CreateIndex(_creation(index).to_index())
        return _tokens(self.text) == _tokens(str(statement.compile(dialect=sqlite.dialect())))


def _held(driver: sqlite3.Connection, own: Set[str]) -> Mapping[str, _Held]:
    found: dict[str, _Held] = {}
    for name, table, text, special in driver.execute(_INDEXES):
        match = _CREATED.match(text)
        if match is not None and table in own:
            found[name] = _Held(_parsed(name, table, match), text, bool(special))
    return found


def _parsed(name: str, table: str, match: re.Match[str]) -> Index:
    columns: ColumnClause[Any] = literal_column(match["columns"])
    where: ColumnClause[Any] | None = literal_column(match["where"]) if match["where"] else None
    options: dict[str, Any] = {} if where is None else {"sqlite_where": where, "postgresql_where": where}
    return Index(name, columns, unique=bool(match["unique"]), _table=Table(table, MetaData()), **options)


def _special(index: Index) -> bool:
    """Tell whether an index is more than some columns of its table."""
    plain = all(isinstance(each, Column) for each in index.expressions)
    return not plain or index.dialect_options["sqlite"]["where"] is not None


def _creation(index: Index) -> CreateIndexOp:
    """Return the operation that creates an index, with the parentheses that only PostgreSQL wants."""
    operation = CreateIndexOp.from_index(index)
    operation.columns = [each if isinstance(each, str | Column) else each.self_group() for each in index.expressions]
    return operation


def _surround(operations: UpgradeOps | DowngradeOps, dropped: Sequence[Index], created: Sequence[Index]) -> None:
    operations.ops[:] = [*map(DropIndexOp.from_index, dropped), *operations.ops, *map(_creation, created)]


def _rebuilds(operation: ModifyTableOps) -> bool:
    """Tell whether batch mode makes the table anew for this, as Alembic's SQLiteImpl does."""
    return not all(
        isinstance(each, (CreateIndexOp, DropIndexOp))
        or (isinstance(each, AddColumnOp) and not _has_expression_default(each.column))
        for each in operation.ops
    )


def _has_expression_default(column: Column[Any]) -> bool:
    default = column.server_default
    return isinstance(default, DefaultClause) and isinstance(default.arg, ClauseElement)


def _tokens(statement: str) -> Sequence[str]:
    return [each if each.startswith("'") else each.casefold() for each in _TOKEN.findall(statement)]
