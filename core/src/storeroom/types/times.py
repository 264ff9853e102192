"""Points in time, and days."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from storeroom.decoding import read_instant, read_time
from storeroom.encoding import write_time
from storeroom.types.base import gives_as, refused, takes_as

# A PostgreSQL session in another time zone could not give back a time outside of these.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC) - timedelta(microseconds=1)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time, aware and in UTC on both databases.

    What isn't a datetime, or is a naive one, is refused, and so are the first day and the last one that Python knows;
    another zone is converted. SQLite stores text that sorts by time. `Mapped[datetime]` is this type.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise refused(value, "isn't a datetime with a time zone; give one, as in datetime.now(UTC)")
        try:
            utc = value.astimezone(UTC)
        except OverflowError:
            utc = _EARLIEST  # which is refused
        if not _EARLIEST < utc < _LATEST:
            raise refused(
                value, "is on the first or the last day that Python knows; for a time that never comes, use None"
            )
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        is_sqlite = dialect.name == "sqlite"

        # On SQLite the text that SQLAlchemy's own type makes, which takes it ten times as long.
        def process(value: Any) -> datetime | str | None:
            time = self.process_bind_param(value, dialect)
            return time.isoformat(" ", "microseconds") if is_sqlite and time is not None else time

        return write_time(process, as_text=is_sqlite) if takes_as(self, UTCDateTime) else process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        if not gives_as(self, UTCDateTime):
            return super().result_processor(dialect, coltype)
        return read_time if dialect.name == "sqlite" else read_instant


class CalendarDate(TypeDecorator[date]):
    """A day, without a time. `Mapped[date]` is this type; a datetime isn't one."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> date | None:
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise refused(value, "isn't a date; give one, as in datetime.now(UTC).date()")
        return value
