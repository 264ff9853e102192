"""The data of all benchmarks: made from numbers, so that every contender is given the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

Item = Mapping[str, Any]

# What a scan tells of an item; the other columns are the data layer's own affair.
SCANNED = (
    "item_type",
    "series_id",
    "episode_id",
    "instance_name",
    "title",
    "season_episode",
    "file_path",
    "language",
    "subtitle_type",
    "existing_sub",
    "missing_languages",
    "upgrade_candidate",
    "current_score",
)
KEY = ("file_path", "language", "subtitle_type")
STORED = (
    *SCANNED,
    "status",
    "error",
    "search_count",
    "last_search_at",
    "added_at",
    "updated_at",
)

_EPISODES = 24
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_STATUSES = {4: "ignored", 6: "failed", 8: "found"}
_PROVIDERS = ("opensubtitles", "podnapisi", "subscene", "addic7ed", "gestdown", "tvsubtitles", "yify", "jimaku")


class Search(NamedTuple):
    """A provider's search: whether it succeeded, and how long it took."""

    provider: str
    success: bool
    response_ms: float


def scanned(number: int, generation: int = 0) -> Item:
    """Return what a scan tells of an item; of another generation it has another score."""
    series, episode = divmod(number, _EPISODES)
    return {
        "item_type": "episode",
        "series_id": series,
        "episode_id": number,
        "instance_name": "main",
        "title": f"Series {series:05d}",
        "season_episode": f"S01E{episode + 1:02d}",
        "file_path": f"/media/Series {series:05d}/Season 01/Series {series:05d} - S01E{episode + 1:02d}.mkv",
        "language": "de",
        "subtitle_type": "full",
        "existing_sub": "srt" if number % 3 == 0 else "",
        "missing_languages": ["de", "fr"],
        "upgrade_candidate": number % 7 == 0,
        "current_score": number * 37 % 100 + generation,
    }


def stored(number: int) -> Item:
    """Return an item as it is in a table that was used for a while: of forty, one is ignored, some failed or found."""
    added = _BEGIN + timedelta(seconds=number)
    searches = number % 5
    return {
        **scanned(number),
        "status": _STATUSES.get(number % 40, "wanted"),
        "error": "",
        "search_count": searches,
        "last_search_at": added + timedelta(hours=1) if searches else None,
        "added_at": added,
        "updated_at": added,
    }


def known(number: int) -> Iterator[Item]:
    """Yield what is in the table before a scan of so many items: each second one."""
    return map(stored, range(0, number, 2))


def scan(number: int, first: int = 0, generation: int = 1) -> Iterator[Item]:
    """Yield a scan of so many items: half are new to what is known, and four of five of the others have changed."""
    return (scanned(each, generation if each % 10 else 0) for each in range(first, first + number))


def everything(number: int) -> Iterator[Item]:
    """Yield so many items as they are stored."""
    return map(stored, range(number))


def searches(number: int) -> Sequence[Search]:
    """Return so many searches, over eight providers; one of five failed."""
    return [Search(_PROVIDERS[each % len(_PROVIDERS)], each % 5 != 0, 80.0 + each % 400) for each in range(number)]


def paths(number: int) -> Sequence[str]:
    """Return the paths of so many files."""
    return [each["file_path"] for each in everything(number)]


JOB_CONTEXT = {"profile": "de", "series": 12}
JOB_STATS = {"lines": 412, "styles": 3}
