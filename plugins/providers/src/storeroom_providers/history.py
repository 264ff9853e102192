"""What happened to a file, for the plugin that lists what is wanted."""

from collections.abc import Mapping, Sequence
from typing import Any

from storeroom import Work
from storeroom_providers.downloads import DownloadRepository
from storeroom_providers.records import DownloadRecord

MOST = 100


def history(uow: Work, file_path: str) -> Sequence[Mapping[str, Any]]:
    """Return a file's downloads as events, the newest 100, newest first; one statement."""
    newest = uow[DownloadRepository].list(file_path=file_path, limit=MOST)
    return [{"at": each.downloaded_at, "event": "downloaded", "detail": _detail(each)} for each in newest]


def _detail(download: DownloadRecord) -> str:
    text = f"{download.format or 'subtitle'} from {download.provider}"
    return text if download.score is None else f"{text}, score {download.score:.10g}"
