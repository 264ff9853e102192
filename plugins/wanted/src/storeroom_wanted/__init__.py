"""Wanted subtitles for Storeroom: what scans find missing, and what is due to be searched."""

from storeroom_wanted.models import Wanted
from storeroom_wanted.records import (
    History,
    HistoryEvent,
    ItemKey,
    ScanItem,
    StoredKey,
    Summary,
    WantedFilters,
    WantedRecord,
)
from storeroom_wanted.repository import WantedRepository
from storeroom_wanted.states import ItemType, SubtitleType, WantedStatus

__all__ = [
    "History",
    "HistoryEvent",
    "ItemKey",
    "ItemType",
    "ScanItem",
    "StoredKey",
    "SubtitleType",
    "Summary",
    "Wanted",
    "WantedFilters",
    "WantedRecord",
    "WantedRepository",
    "WantedStatus",
]
