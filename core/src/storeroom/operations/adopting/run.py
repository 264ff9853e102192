"""One run over all tables of a file, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, select, text

from storeroom.operations.adopting.conversion import Converter, Row
from storeroom.operations.adopting.plan import PlannedTable
from storeroom.operations.adopting.records import Origin, read_adopted, read_keys, record_adopted
from storeroom.operations.adopting.source import SourceFile
from storeroom.operations.adopting.table import TableAdopter
from storeroom.operations.adoption import Progress, TableReport
from storeroom.sql import Executor, Statement, now

_STEP = 500
_NOW = Statement(select(now()))


class AdoptionRun:
    """Adopts table after table; rows that were adopted are known to those that refer to them."""

    def __init__(
        self, work: Executor, system: str, source: SourceFile, planned: Sequence[PlannedTable], progress: Progress
    ) -> None:
        self._work = work
        self._system = system
        self._source = source
        self._planned = planned
        self._progress = progress
        self._started: datetime = _NOW.scalar(work)
        # The keys that rows have here by those that they have there, for each table of theirs and of ours.
        self._keys: dict[tuple[str, str], dict[str, Any]] = {}
        self._earlier: dict[str, Mapping[str, Any]] = {}

    def all_tables(self) -> Sequence[TableReport]:
        """Adopt every table that the file has."""
        present = [each for each in self._planned if each.adoption.table in self._source.tables]
        self._keep_others_out(present)
        return [self._adopt(each) for each in present]

    def _adopt(self, planned: PlannedTable) -> TableReport:
        adoption = planned.adoption
        report = self._begin_report(planned)
        origin = Origin(self._system, adoption.table, planned.target.name, planned.plugin)
        known = read_adopted(self._work, origin)
        converter = Converter(adoption, self._work.dialect, self._started)
        adopter = TableAdopter(self._work, adoption, converter, report, self._keys_for)
        adopter.take(self._rows(planned), known)
        adopted = adopter.write()
        record_adopted(self._work, origin, adopted)
        # What was adopted before may have been deleted here since.
        present = [each for each in known.values() if adopter.is_here(each.target_key)]
        self._keys[adoption.table, planned.target.name] = {
            each.source_key: each.target_key for each in (*present, *adopted)
        }
        return report

    def _keys_for(self, table: str, column: Column[Any]) -> Mapping[str, Any] | None:
        """Return the keys of a table's rows, where a column of ours refers to what they became.

        They are those of this run, else those an earlier one left, whose plugin isn't in use now. Without either there
        are none where the database holds the relation, and otherwise nobody knows: None.
        """
        targets = {key.column.table.name for key in column.foreign_keys}
        for (source, target), keys in self._keys.items():
            if source == table and (target in targets or not targets):
                return keys
        if table not in self._earlier:
            self._earlier[table] = read_keys(self._work, self._system, table)
        return self._earlier[table] or ({} if targets else None)

    def _begin_report(self, planned: PlannedTable) -> TableReport:
        adoption, columns = planned.adoption, self._source.tables[planned.adoption.table]
        sources = dict.fromkeys(name for field in adoption.fields.values() for name in field.sources)
        known = {name for each in self._planned if each.adoption.table == adoption.table for name in each.read_columns}
        return TableReport(
            planned.plugin,
            adoption.table,
            planned.target.name,
            missing_columns=[name for name in sources if name not in columns],
            unknown_columns=[name for name in columns if name not in known],
        )

    def _rows(self, planned: PlannedTable) -> Iterator[Row]:
        table, only = planned.adoption.table, planned.adoption.only
        total, done = self._source.count(table), 0
        for done, row in enumerate(self._source.rows(table), start=1):
            if only is None or only(row):
                yield row
            if done % _STEP == 0:
                self._progress(table, done, total)
        self._progress(table, done, total)

    def _keep_others_out(self, planned: Sequence[PlannedTable]) -> None:
        """Let nobody else write to the tables until the end; SQLite has one writer anyway."""
        if self._work.dialect.name == "postgresql":
            names = sorted({each.target.name for each in planned})
            quoted = ", ".join(self._work.dialect.identifier_preparer.quote(name) for name in names)
            Statement(text(f"LOCK TABLE {quoted} IN SHARE ROW EXCLUSIVE MODE")).affected(self._work)
