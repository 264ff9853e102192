"""Restoring: a back-up comes back into a database that programs have open."""

from functools import partial
from pathlib import Path

from storeroom import backups
from storeroom.engine import Database
from storeroom.migrations.lock import no_step_runs


def restore(database: Database, file: Path) -> Path | None:
    """Bring a SQLite database back to a back-up's state while nobody migrates it; see `storeroom.backups.restore`.

    Returns the back-up of what was there before, or None where none was to be written.
    """
    return backups.restore(database, file, is_free=partial(no_step_runs, database))
