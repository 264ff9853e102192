"""What the tests of the media library share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import text

from storeroom import Settings, Storeroom
from storeroom_standalone import StandaloneRepository

T = TypeVar("T")

PATIENT = Settings(busy_timeout=60, lock_timeout=60, pool_timeout=60)
TABLES = (
    "standalone_folders",
    "standalone_series",
    "standalone_movies",
    "standalone_metadata",
    "standalone_anidb",
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def run(room: Storeroom, work: Callable[[StandaloneRepository], T]) -> T:
    """Do something with the library in a transaction of its own."""
    return room.run(lambda uow: work(uow[StandaloneRepository]))


def empty(room: Storeroom) -> None:
    """Delete all rows."""
    with room.write() as uow:
        for table in TABLES:
            uow.connection.execute(text(f"DELETE FROM {table}"))


def is_recent(moment: datetime | None) -> bool:
    """Tell whether a time is about now, by this machine's clock."""
    return moment is not None and abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
