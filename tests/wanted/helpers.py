"""What the tests of wanted items share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import bindparam, update

from storeroom import Statement, Storeroom
from storeroom_wanted import ItemKey, SubtitleType, WantedRecord, WantedRepository
from storeroom_wanted.models import wanted as table

T = TypeVar("T")

DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

MOVE = Statement(update(table).where(table.c.id == bindparam("key")))


def run(room: Storeroom, work: Callable[[WantedRepository], T]) -> T:
    """Do something with wanted items in a transaction of its own."""
    return room.run(lambda uow: work(uow[WantedRepository]))


def item(path: str = "/a", language: str | None = "de", subtitle_type: str = "full", **fields: Any) -> dict[str, Any]:
    """What a scan says of an episode."""
    return {
        "item_type": "episode",
        "file_path": path,
        "language": language,
        "subtitle_type": subtitle_type,
    } | fields


def put(wanted: WantedRepository, path: str = "/a", language: str | None = "de", **fields: Any) -> WantedRecord:
    """Upsert an item, and return it."""
    return wanted.upsert(**item(path, language, **fields)).record


def move(wanted: WantedRepository, record: WantedRecord, **values: Any) -> None:
    """Write values that no verb sets, such as times."""
    assert MOVE.affected(wanted.uow, key=record.id, **({"updated_at": record.updated_at} | values)) == 1


def key(path: str, language: str | None = "de", subtitle_type: str = "full") -> ItemKey:
    return ItemKey(path, language, SubtitleType(subtitle_type))
