"""`DownloadRepository`: the history of downloads."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from sqlalchemy import func, select

from storeroom import Filter, ModelRepository, Statement, at_least, below, equals
from storeroom.checks import checked_text
from storeroom_providers.checks import checked_measure, checked_name
from storeroom_providers.models import Download, downloads
from storeroom_providers.records import DownloadCount, DownloadFilters, DownloadRecord

COUNTS = Statement(
    select(downloads.c.provider, downloads.c.format, func.count().label("downloads"))
    .group_by(downloads.c.provider, downloads.c.format)
    .order_by(downloads.c.provider, downloads.c.format)
)


class DownloadRepository(ModelRepository[Download, DownloadRecord, DownloadFilters]):
    """What was downloaded, newest first. It is a history: nothing in it changes."""

    name = "providers.downloads"
    filters: ClassVar[Mapping[str, Filter]] = {
        "file_path": equals("file_path"),
        "provider": equals("provider"),
        "since": at_least("downloaded_at"),
        "until": below("downloaded_at"),
    }
    sorts = ("downloaded_at",)
    default_sort = ("-downloaded_at",)
    prune_by = "downloaded_at"

    def log(
        self,
        provider: str,
        *,
        file_path: str,
        subtitle_id: str | None = None,
        language: str | None = None,
        format: str | None = None,  # noqa: A002  # the domain's word
        score: float | None = None,
        subtitle_type: str = "full",
    ) -> DownloadRecord:
        """Add a download to the history, by the database's time, and return it; one statement.

        `file_path` is the file that has the subtitle now. The statistics don't count it: `record_download` does.
        Raises ValueRefused for a provider, path or type that is empty, a score that is negative or not finite, and a
        value that can't be stored.
        """
        checked_name("provider", provider)
        checked_text("file_path", file_path)
        checked_text("subtitle_type", subtitle_type)
        checked_measure("score", score)
        return self.add(
            provider=provider,
            subtitle_id=subtitle_id,
            language=language,
            format=format,
            file_path=file_path,
            score=score,
            subtitle_type=subtitle_type,
        )

    def counts(self) -> Sequence[DownloadCount]:
        """Count the downloads of each provider, and by format, in the order of their names; one statement."""
        counted: list[DownloadCount] = []
        for provider, rows in groupby(COUNTS.all(self.uow), key=lambda row: row.provider):
            by_format = {row.format: row.downloads for row in rows}
            counted.append(DownloadCount(provider=provider, total=sum(by_format.values()), by_format=by_format))
        return tuple(counted)
