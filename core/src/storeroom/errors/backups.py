"""Why a back-up can't be written, or can't be used."""

from storeroom.errors.base import StoreroomError


class BackupError(StoreroomError):
    """A back-up can't be written, or can't be used."""

    file: str


class BackupFailed(BackupError):
    """A back-up couldn't be written, or a database couldn't be restored; `file` is what was to be written."""


class BackupUnusable(BackupError):
    """The file that is to be restored isn't a whole back-up of a Storeroom database."""
