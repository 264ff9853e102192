"""What core's hooks ask of this plugin's data: what gets old, and what needs attention."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from storeroom import Finding, Retention, Statement, Work
from storeroom_standalone import statements
from storeroom_standalone.mappings import UNUSED_DAYS, MappingRepository
from storeroom_standalone.metadata import MetadataRepository


def _count_metadata(uow: Work, before: datetime) -> int:
    return uow[MetadataRepository].count(expired_before=before)


def _prune_metadata(uow: Work, before: datetime, limit: int) -> int:
    return uow[MetadataRepository].prune(before, limit=limit)


def _count_mappings(uow: Work, before: datetime) -> int:
    return uow[MappingRepository].count(unused_since=before)


def _prune_mappings(uow: Work, before: datetime, limit: int) -> int:
    return uow[MappingRepository].prune(before, limit=limit)


RETENTIONS = (
    Retention(
        name="standalone.metadata",
        rows="expired responses of metadata providers",
        age=timedelta(0),
        count=_count_metadata,
        prune=_prune_metadata,
    ),
    Retention(
        name="standalone.mappings",
        rows="AniDB mappings that weren't used",
        age=timedelta(days=UNUSED_DAYS),
        count=_count_mappings,
        prune=_prune_mappings,
    ),
)


def findings(uow: Work) -> Sequence[Finding]:
    """Return what needs attention; four statements."""
    found = (
        _unscanned(uow),
        _outside(uow, statements.SERIES_OUTSIDE, "series"),
        _outside(uow, statements.MOVIES_OUTSIDE, "movies"),
        _long_expired(uow),
    )
    return [each for each in found if each is not None]


def _unscanned(uow: Work) -> Finding | None:
    rows = statements.UNSCANNED.all(uow)
    if not rows:
        return None
    return Finding.of_few(
        "enabled folders that weren't scanned for a week, or never",
        [f"{row.path!r} ({_when(row.last_scan_at)})" for row in rows],
        rows[0].total,
        "scan them, or disable those that are gone: folders.update(id, enabled=False)",
    )


def _when(last_scan_at: datetime | None) -> str:
    return "never" if last_scan_at is None else f"last {last_scan_at:%Y-%m-%d}"


def _outside(uow: Work, statement: Statement, what: str) -> Finding | None:
    rows = statement.all(uow)
    if not rows:
        return None
    return Finding.of_few(
        f"{what} in none of the watched folders",
        [repr(row.path) for row in rows],
        rows[0].total,
        f"watch the folder that they are in, folders.create(path), or delete them: {what}.delete(id)",
    )


def _long_expired(uow: Work) -> Finding | None:
    count = statements.LONG_EXPIRED.scalar(uow)
    if not count:
        return None
    number = f"at least {count:,}" if count == statements.MOST_EXPIRED else f"{count:,}"
    return Finding(
        f"{number} cached responses expired more than a week ago",
        "delete them at intervals: Storeroom.prune, or metadata.clear_expired()",
    )
