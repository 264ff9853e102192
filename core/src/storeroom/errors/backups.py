"""Why a back-up can't be written, or can't be used."""

from storeroom.errors.base import StoreroomError


class BackupError(StoreroomError):
    """A back-up can't be written, or can't be used.

    Cure: do what its text says, mostly about the file that it names.
    """

    file: str


class BackupFailed(BackupError):
    """A back-up couldn't be written, or a database couldn't be restored; `file` is what was to be written.

    Cure: make room, or the folder writable; name a file that isn't there yet; on PostgreSQL use `pg_dump`, whose
    command the text names.
    """


class BackupUnusable(BackupError):
    """The file that is to be restored isn't a whole back-up of a Storeroom database.

    Cure: give another back-up: one that `storeroom backup`, or an upgrade, wrote.
    """
