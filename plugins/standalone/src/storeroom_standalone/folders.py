"""`FolderRepository`: the folders that are watched."""

from collections.abc import Mapping
from typing import ClassVar

from storeroom import Filter, ModelRepository, contains, equals
from storeroom_standalone import statements
from storeroom_standalone.kinds import MediaType
from storeroom_standalone.models import Folder
from storeroom_standalone.records import FolderFilters, FolderRecord


class FolderRepository(ModelRepository[Folder, FolderRecord, FolderFilters]):
    """Watched folders, one a path, in the order of their paths.

    A path is kept as it is given; nothing here looks into a file system. `list(enabled=True)` are those to scan;
    with `sort="last_scan_at"`, the one that waits for it longest comes first.
    """

    name = "standalone.folders"
    filters: ClassVar[Mapping[str, Filter]] = {
        "enabled": equals("enabled"),
        "media_type": equals("media_type"),
        "text": contains("path", "label"),
    }
    sorts = ("path", "last_scan_at")
    default_sort = ("path",)
    editable = ("path", "label", "media_type", "enabled")

    def create(
        self,
        path: str,
        *,
        label: str | None = None,
        media_type: MediaType | str = MediaType.AUTO,
        enabled: bool = True,
    ) -> FolderRecord:
        """Watch a folder, and return it; one statement.

        Raises Duplicate when its path is watched already, and ValueRefused for an empty path or an unknown media type.
        """
        return self.add(path=path, label=label, media_type=media_type, enabled=enabled)

    def mark_scanned(self, key: int) -> FolderRecord:
        """Note that a folder was scanned just now, by the database's clock, and return it; one statement.

        Raises NotFound.
        """
        return self._changed(statements.MARK_SCANNED, key, "it may have been deleted: list the folders")
