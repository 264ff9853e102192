"""What scans of media do: upsert what they find, and remove what they no longer see."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, cast

from storeroom import ModelRepository, Upserted
from storeroom.checks import checked_choice
from storeroom.sql import Outcomes, Rule
from storeroom_wanted import statements
from storeroom_wanted.checks import check_scanned, seen_key
from storeroom_wanted.models import CONFLICT_KEY, Wanted
from storeroom_wanted.records import ItemKey, StoredKey, WantedFilters, WantedRecord
from storeroom_wanted.states import ItemType, SubtitleType

# How many are deleted by one statement.
BATCH = 1000

ANY: Any = object()


class ScanVerbs(ModelRepository[Wanted, WantedRecord, WantedFilters]):
    """The verbs of scans.

    Two items are the same when they have the same file path, language and subtitle type; no language is one like any
    other.
    """

    conflict_key = CONFLICT_KEY
    conflict_rules: ClassVar[Mapping[str, Rule]] = {"status": statements.keep_ignored}

    def upsert(self, **fields: Any) -> Upserted[WantedRecord]:
        """Add an item, or change the one with the same key; tell which, and return it.

        The fields are those of a ScanItem; its four required ones must be given. A new item is wanted. An existing
        one takes all fields that are given and is wanted again, but an ignored one stays ignored; what is known of its
        searches stays. Where nothing would change, nothing is written. One statement; two where it is unchanged.
        Raises FieldUnknown for what a scan can't set, such as the status, ValueRefused, and NullRefused for None in a
        field that needs a value.
        """
        check_scanned(fields, self.name, "upsert")
        return super().upsert(**fields)

    def upsert_many(self, items: Iterable[Mapping[str, Any]]) -> Outcomes:
        """Upsert all items of a scan, each of the same fields, and return their outcomes in order; all or none.

        As upserts one by one, also where a key occurs twice. Memory doesn't grow with their number. On SQLite a
        statement for each 500 items; on PostgreSQL one up to 1,000, above that one for each 10,000 and a few more:
        see ModelRepository. Raises as `upsert`, with the item's position.
        """
        return super().upsert_many(self._scanned(items))

    def now(self) -> datetime:
        """Return the database's time: read it before a scan begins, for `remove_unseen`. One statement."""
        return cast("datetime", statements.NOW.scalar(self.uow))

    def remove_unseen(
        self,
        seen: Iterable[tuple[str, str | None, SubtitleType | str]],
        *,
        before: datetime,
        item_type: ItemType | str | None = None,
        instance_name: str | None = ANY,
        ignored: bool = False,
    ) -> int:
        """Delete the items that a finished scan did not see, and return how many.

        `seen` has the keys of all that the scan found, as (file path, language, subtitle type); `before` is the time
        at which it began, from `now`. `item_type` and `instance_name` (None for the items without one) are what it
        looked at; items outside of that stay. So do

        - items that were added or changed since `before`, by whomever: another program knows more of them than this
          scan. If they are gone indeed, the next scan removes them
        - ignored items, since deleting one loses a person's decision when its file was away for a while only; with
          `ignored=True` they go as well

        Another scan that finds an item as it is here writes nothing, and so leaves no trace of having seen it: let one
        program at a time scan the same media. One statement that reads the keys in scope, and one for each 1,000 that
        go. Rows are locked in the order in which upserts lock them, and looked at again when the lock is there.
        Raises ValueRefused for a key that isn't one, before anything is deleted.
        """
        known = {seen_key(position, key) for position, key in enumerate(seen)}
        scope: dict[str, Any] = {}
        if item_type is not None:
            scope["item_type"] = checked_choice("item_type", item_type, ItemType)
        if instance_name is not ANY:
            scope["instance_name"] = instance_name
        untouched = statements.untouched(
            of_type="item_type" in scope, of_instance="instance_name" in scope, with_ignored=ignored
        )
        rows = untouched.stream(self.uow, before=before, **scope)
        # All are read before the first is deleted: a query that runs would see the deletions, or not.
        unseen = iter([row.id for row in rows if ItemKey(*row[1:]) not in known])
        removed = 0
        while batch := list(islice(unseen, BATCH)):
            removed += statements.REMOVE.affected(self.uow, ids=batch, before=before)
        return removed

    def stream_keys(self) -> Iterator[StoredKey]:
        """Yield the id and the key of each item, in no order, for a clean-up by rules of the caller's own.

        Memory doesn't grow with their number. It must be used up inside the unit of work. One statement.
        """
        for row in statements.KEYS.stream(self.uow):
            yield StoredKey(row.id, ItemKey(*row[1:]))

    def paths(self) -> frozenset[str]:
        """Return the paths of all files that have an item. One statement."""
        return frozenset(row.file_path for row in statements.PATHS.stream(self.uow))

    def delete_path(self, file_path: str) -> int:
        """Delete the items of a file, and return how many there were. One statement."""
        return statements.DELETE_PATH.affected(self.uow, file_path=file_path)

    def _scanned(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for position, item in enumerate(items):
            if position == 0:  # all others must have the same fields
                check_scanned(item, self.name, "upsert_many", position)
            yield item
