"""The back-up that is written before a schema is changed: beside the file, the newest few kept."""

import logging
import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from storeroom.backups.files import failing_as, open_file, remove, whole_file
from storeroom.engine import Database, sqlite_file

logger = logging.getLogger("storeroom.backups")

_CURE = (
    "free some space, see that the folder can be written to, or go without one by --no-backup or STOREROOM_BACKUPS=0"
)


def write_automatic(database: Database) -> Path | None:
    """Write what is committed to `<file>.<UTC time>.backup` and delete all but the newest `settings.backups` of them.

    For whoever holds the write lock of the file, on a connection of his own, and is about to change it: what he wrote
    in his transaction isn't in the back-up. Returns None where there is nothing to write or nowhere: a database in
    memory, a `file:` URI, PostgreSQL, a database without a table, or `settings.backups` of 0.

    Raises BackupFailed when it can't be written; nothing is left of it then.
    """
    written = write(database)
    if written is not None:
        delete_older(database, written)
    return written


def write(database: Database) -> Path | None:
    """Do the same, and delete no other back-up."""
    file = sqlite_file(database.engine.url)
    if file is None or not database.backend.settings.backups or not file.exists():
        return None
    target = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.backup")
    with (
        failing_as("no back-up can be written to", target, _CURE),
        closing(open_file(file, "rw", wait=database.backend.settings.busy_timeout)) as connection,
    ):
        if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
            return None
        for part in _siblings(file, ".part"):  # of one who was killed: the lock is ours
            remove(part)
        with whole_file(target, file) as part:
            connection.execute("VACUUM INTO ?", [str(part.absolute())])
    logger.info("wrote the back-up %s", target)
    return target


def delete_older(database: Database, written: Path, spared: Path | None = None) -> None:
    """Delete the oldest back-ups beside the file until `settings.backups` are left, never `written` nor `spared`."""
    file = sqlite_file(database.engine.url)
    keep = database.backend.settings.backups
    if file is None or not keep:
        return
    try:
        # By its name the new one may be the oldest, after the clock was put back.
        others = [each for each in _siblings(file, "") if each != written]
        for each in others[: max(0, len(others) - keep + 1)]:
            if spared is None or not each.samefile(spared):
                each.unlink()
    except OSError as error:  # there is one too many, and the new one is good
        logger.warning("an old back-up beside %s can't be deleted: %s", file, error)


def _siblings(file: Path, ending: str) -> Sequence[Path]:
    """Return the automatic back-ups of just this file, oldest first."""
    name = re.compile(rf"{re.escape(file.name)}\.[0-9]{{8}}T[0-9]{{12}}Z\.backup{re.escape(ending)}")
    return sorted(each for each in file.parent.iterdir() if name.fullmatch(each.name) and each.is_file())
