"""What the tests of the media library share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from storeroom import Storeroom
from storeroom_standalone import StandaloneRepository

T = TypeVar("T")

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def run(room: Storeroom, work: Callable[[StandaloneRepository], T]) -> T:
    """Do something with the library in a transaction of its own."""
    return room.run(lambda uow: work(uow[StandaloneRepository]))


def is_recent(moment: datetime | None) -> bool:
    """Tell whether a time is about now, by this machine's clock."""
    return moment is not None and abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
