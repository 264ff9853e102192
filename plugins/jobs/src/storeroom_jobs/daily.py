"""Daily statistics: one row a UTC day, counted without losing any."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.functions import FunctionElement

from storeroom import BaseRepository, Statement
from storeroom.checks import checked_number, checked_text
from storeroom.sql import CalendarDate, Int, Rule, merged_counters, upsert
from storeroom_jobs.models import daily
from storeroom_jobs.records import DayRecord, Summary


class UTCDay(FunctionElement[Any]):
    """The UTC day by the database's clock, or one so many days from it."""

    name = "utc_day"
    type = CalendarDate()
    inherit_cache = True


@compiles(UTCDay, "sqlite")
def _on_sqlite(element: UTCDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"date('now', printf('%+d days', {_days(element, compiler, options)}))"


@compiles(UTCDay, "postgresql")
def _on_postgresql(element: UTCDay, compiler: SQLCompiler, **options: Any) -> str:
    today = "CAST(statement_timestamp() AT TIME ZONE 'UTC' AS date)"
    return f"({today} + {_days(element, compiler, options)})"


def _days(element: UTCDay, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    arguments: list[ClauseElement] = list(element.clauses)
    (days,) = arguments
    return str(compiler.process(days, **options))


_TODAY = UTCDay(literal_column("0"))
COUNTS = ("translated", "skipped", "failed")
COUNTERS = ("by_format", "by_source")
_COLUMNS = [daily.c[name] for name in DayRecord.model_fields]


def _added(name: str) -> Rule:
    return lambda old, new: old[name] + new[name]


def _merged(name: str) -> Rule:
    return lambda old, new: merged_counters(old[name], new[name])


_RULES = {**{name: _added(name) for name in COUNTS}, **{name: _merged(name) for name in COUNTERS}}

RECORD = Statement(upsert(daily, ["date"], [*COUNTS, *COUNTERS], _RULES).values(date=_TODAY))
LAST = Statement(
    select(*_COLUMNS).where(daily.c.date > UTCDay(-bindparam("days", type_=Int()))).order_by(daily.c.date.desc())
)
ALL = Statement(select(*_COLUMNS, _TODAY.label("today")))


class DailyVerbs(BaseRepository):
    """The verbs of daily statistics."""

    def record_result(
        self,
        *,
        success: bool,
        skipped: bool = False,
        format: str | None = None,  # noqa: A002  # the domain's word
        source: str | None = None,
    ) -> None:
        """Count one result in today's statistics, by the database's UTC day; one statement.

        A success adds to `translated`, and one to the counters of its format and of its source, where they are
        given; a success that was skipped adds to `skipped`; anything else adds to `failed`. However many count at
        once, none is lost. Raises ValueRefused for a format or source that isn't text, or that no database stores.
        """
        for name, value in (("format", format), ("source", source)):
            if value not in (None, ""):
                checked_text(name, value)
        translated = success and not skipped
        RECORD.affected(
            self.uow,
            translated=int(translated),
            skipped=int(success and skipped),
            failed=int(not success),
            by_format={format: 1} if translated and format else {},
            by_source={source: 1} if translated and source else {},
        )

    def daily_statistics(self, days: int = 30) -> Sequence[DayRecord]:
        """Return the statistics of today and the days before it, `days` in all, newest first; one statement.

        Days on which nothing was recorded are left out. Raises ValueRefused unless `days` is from 1 to 36,500.
        """
        checked_number("days", days, most=36_500)
        return tuple(LAST.records(self.uow, DayRecord, days=days))

    def summary(self) -> Summary:
        """Return the totals of all days, today's, and the counters of all days added up; one statement."""
        totals: Counter[str] = Counter()
        by_format: Counter[str] = Counter()
        by_source: Counter[str] = Counter()
        for row in ALL.all(self.uow):
            for name in COUNTS:
                count = row._mapping[name]
                totals[name] += count
                totals[f"{name}_today"] += count if row.date == row.today else 0
            by_format.update(row.by_format)
            by_source.update(row.by_source)
        counts = {name: totals[name] for count in COUNTS for name in (count, f"{count}_today")}
        return Summary(**counts, by_format=dict(by_format), by_source=dict(by_source))
