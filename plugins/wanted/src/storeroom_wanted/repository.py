"""`WantedRepository`: what lacks a subtitle, from the scan that finds it to the search that does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from storeroom import Filter, contains, equals
from storeroom.checks import checked_choice, checked_number, checked_seconds, storable
from storeroom_wanted import statements
from storeroom_wanted.history import HistoryVerbs
from storeroom_wanted.records import Summary, WantedRecord
from storeroom_wanted.scans import ANY, ScanVerbs
from storeroom_wanted.states import WantedStatus

MOST_DUE = 1_000_000
_GONE = "it was deleted, or a scan no longer saw it; drop it, or list them"


class WantedRepository(ScanVerbs, HistoryVerbs):
    """Wanted items: found by scans, searched when they are due, and what became of it.

    Lists are newest first. All times that are set here are the database's, so that machines whose clocks differ agree.
    """

    name = "wanted"
    filters: ClassVar[Mapping[str, Filter]] = {
        "item_type": equals("item_type"),
        "status": equals("status"),
        "series_id": equals("series_id"),
        "episode_id": equals("episode_id"),
        "movie_id": equals("movie_id"),
        "standalone_series_id": equals("standalone_series_id"),
        "standalone_movie_id": equals("standalone_movie_id"),
        "instance_name": equals("instance_name"),
        "file_path": equals("file_path"),
        "language": equals("language"),
        "subtitle_type": equals("subtitle_type"),
        "existing_sub": equals("existing_sub"),
        "upgrade_candidate": equals("upgrade_candidate"),
        "text": contains("title", "file_path"),
    }
    sorts = ("added_at", "title", "last_search_at", "current_score", "search_count")
    default_sort = ("-added_at",)
    editable = (
        "title",
        "season_episode",
        "existing_sub",
        "missing_languages",
        "upgrade_candidate",
        "current_score",
    )

    def set_status(self, key: int, status: WantedStatus | str, *, error: str | None = None) -> WantedRecord:
        """Set an item's status, and the error that led to it or none; one statement.

        From any status to any: this is also how a person ignores an item, and no longer does. Characters of `error`
        that no database stores are escaped. Raises NotFound, and ValueRefused for an unknown status.
        """
        told = None if error is None else storable("error", error)
        return self._changed(
            statements.SET, key, _GONE, status=checked_choice("status", status, WantedStatus), error=told
        )

    def mark_searched(self, key: int) -> WantedRecord:
        """Count a search, and note its time; one statement. However many count at once, none is lost.

        Raises NotFound.
        """
        return self._changed(statements.MARK_SEARCHED, key, _GONE)

    def set_retry_after(self, key: int, when: datetime | timedelta | None) -> WantedRecord:
        """Let an item not be due before a time, or so long from now by the database's clock, or free it; one statement.

        Raises NotFound, and ValueRefused for a time without a zone and a duration that isn't from 0 to ten years.
        """
        if isinstance(when, timedelta):
            return self._changed(
                statements.POSTPONE, key, _GONE, delay=checked_seconds("when", when, least=timedelta(0))
            )
        return self._changed(statements.SET, key, _GONE, retry_after=when)

    def due(self, *, limit: int = 50) -> Sequence[WantedRecord]:
        """Return what may be searched now: never searched first, then the one whose last search is longest ago.

        These are the wanted items, and the failed ones that have a `retry_after`, but for those whose `retry_after` is
        still to come. Two programs that ask at once get the same items. One statement.
        Raises ValueRefused for a limit below 1.
        """
        checked_number("limit", limit, most=MOST_DUE)
        return tuple(statements.DUE.records(self.uow, WantedRecord, limit=limit))

    def summary(self) -> Summary:
        """Count all items, by what they are, and those that could have a better subtitle; one statement."""
        by: dict[str, Counter[Any]] = {name: Counter() for name in statements.GROUPS}
        for *values, items in statements.SUMMARY.all(self.uow):
            for name, value in zip(by, values, strict=True):
                by[name][value] += items
        return Summary(
            total=by["status"].total(),
            by_type=by["item_type"],
            by_status=by["status"],
            by_subtitle_type=by["subtitle_type"],
            by_existing_sub=by["existing_sub"],
            upgradeable=by["upgrade_candidate"][True],
        )

    def missing_by_series(self, *, instance_name: str | None = ANY) -> Mapping[int, int]:
        """Count the items by series that are wanted and have no subtitle yet; series without one are left out.

        Of all instances together, or of one (None for the items without one). One statement.
        """
        of_instance = instance_name is not ANY
        scope = {"instance_name": instance_name} if of_instance else {}
        rows = statements.missing_by_series(of_instance=of_instance).all(self.uow, **scope)
        return {row.series_id: row.items for row in rows}
