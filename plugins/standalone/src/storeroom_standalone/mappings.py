"""`MappingRepository`: which entry of AniDB a series of TheTVDB is."""

from collections.abc import Mapping
from typing import Any, ClassVar

from storeroom import Filter, ModelRepository, Upserted, below, contains, equals
from storeroom.checks import checked_number
from storeroom_standalone import statements
from storeroom_standalone.checks import MOST_ROWS, checked_days
from storeroom_standalone.models import AnidbMapping
from storeroom_standalone.records import MappingFilters, MappingRecord

UNUSED_DAYS = 365


class MappingRepository(ModelRepository[AnidbMapping, MappingRecord, MappingFilters]):
    """Mappings by the id of TheTVDB, in its order.

    A mapping was last used when it was saved, or when `use` returned it: `get` leaves no trace. All times are the
    database's.
    """

    name = "standalone.mappings"
    filters: ClassVar[Mapping[str, Filter]] = {
        "anidb_id": equals("anidb_id"),
        "text": contains("series_title"),
        "unused_since": below("last_used_at"),
    }
    sorts = ("last_used_at",)
    conflict_key = ("tvdb_id",)
    prune_by = "last_used_at"

    def use(self, tvdb_id: int) -> MappingRecord | None:
        """Note that a mapping is used just now, and return it, or None where there is none; one statement.

        However many do it at once, its version grows by one for each. Raises ValueRefused for what can't be an id.
        """
        return statements.USE.record(self.uow, MappingRecord, _tvdb_id=tvdb_id)

    def save(self, tvdb_id: int, anidb_id: int, title: str | None = None) -> Upserted[MappingRecord]:
        """Map a series to an entry of AniDB, in place of what it was mapped to; tell what came of it, and return it.

        Without a `title`, it keeps the one that it has. Where nothing would change, nothing is written, and it wasn't
        used. One statement, or two where the mapping was there and is unchanged.
        Raises ValueRefused for what can't be an id.
        """
        fields: dict[str, Any] = {"tvdb_id": tvdb_id, "anidb_id": anidb_id}
        if title is not None:
            fields["series_title"] = title
        return self.upsert(**fields)

    def clear_unused(self, *, days: float = UNUSED_DAYS, limit: int = 1000) -> int:
        """Delete mappings that weren't used for so many days, the oldest `limit` of them; return how many.

        One statement. `room.drain` calls it until there are none; `prune` takes a time in place of days.
        Raises ValueRefused for days unless more than 0 and at most 36,500, and unless `limit` is from 1 to 10,000.
        """
        ago = -checked_days("days", days)
        most = checked_number("limit", limit, most=MOST_ROWS)
        return statements.CLEAR_UNUSED.affected(self.uow, seconds=ago, limit=most)
