"""An adoption as a whole: what the plugins take over from which tables, in one transaction, with one report."""

from collections.abc import Sequence
from pathlib import Path

from storeroom.errors import SourceForeign
from storeroom.operations.adopting.plan import PlannedTable, plan
from storeroom.operations.adopting.run import AdoptionRun
from storeroom.operations.adopting.source import SourceFile, open_source
from storeroom.operations.adoption import AdoptionReport, IgnoredTable, Progress, TableReport
from storeroom.operations.rooms import Room
from storeroom.unitofwork import UnitOfWork


class _DryRun(Exception):
    """Ends the transaction of a dry run."""

    def __init__(self, tables: Sequence[TableReport]) -> None:
        super().__init__()
        self.tables = tables


def adopt(room: Room, system: str, file: Path, *, dry_run: bool, progress: Progress) -> AdoptionReport:
    """Take over the rows of a file; see `Storeroom.adopt`."""
    planned = plan(room.registry, system)
    with open_source(file) as source:
        _check_system(source, system, planned)

        def work(uow: UnitOfWork) -> Sequence[TableReport]:
            reports = AdoptionRun(uow, system, source, planned, progress).all_tables()
            if dry_run:
                raise _DryRun(reports)
            return reports

        try:
            tables = room.run(work)
        except _DryRun as end:
            tables = end.tables
        known = {each.adoption.table for each in planned}
        ignored = [IgnoredTable(name, source.count(name)) for name in source.tables if name not in known]
        ignored += [IgnoredTable(name, None) for name in source.unreadable]
        missing = sorted(known - source.tables.keys())
    return AdoptionReport(system, str(file), dry_run, tables, ignored, missing)


def _check_system(source: SourceFile, system: str, planned: Sequence[PlannedTable]) -> None:
    """Raise SourceForeign for a file that has none of the tables, or one of them without what it can't be without."""
    cure = f"give the file that {system} keeps its data in"
    found = [each for each in planned if each.adoption.table in source.tables]
    if not found:
        raise SourceForeign(
            f"{str(source.path)!r} has none of the tables that the plugins in use know of {system!r} (it has "
            f"{', '.join(source.tables) or 'none'}); {cure}",
            file=str(source.path),
        )
    for each in found:
        lacking = sorted(each.needed_columns - set(source.tables[each.adoption.table]))
        if lacking:
            raise SourceForeign(
                f"table {each.adoption.table!r} of {str(source.path)!r} lacks {lacking}, without which it isn't one of "
                f"{system!r}; {cure}",
                file=str(source.path),
            )
