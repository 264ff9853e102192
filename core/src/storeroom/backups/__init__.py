"""Back-ups: of a SQLite file, written beside it or where one says, and back into it; for PostgreSQL, the command."""

from storeroom.backups.automatic import write_automatic
from storeroom.backups.copying import backup
from storeroom.backups.dumping import dump_command
from storeroom.backups.restoring import restore

__all__ = [
    "backup",
    "dump_command",
    "restore",
    "write_automatic",
]
