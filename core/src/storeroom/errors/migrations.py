"""Schemas that can't be used or changed."""

from collections.abc import Sequence

from storeroom.errors.base import StoreroomError


class MigrationError(StoreroomError):
    """The schema can't be used as it is, or can't be changed.

    Cure: do what its text says; `storeroom status` and `storeroom doctor` show where the plugins' tables stand.
    """


class SchemaOutOfDate(MigrationError):
    """Plugins whose tables are older than their code; an upgrade is needed before the database is opened.

    Cure: run `storeroom upgrade`, or open with `upgrade=True`.
    """

    plugins: Sequence[str]


class LedgerTooNew(MigrationError):
    """The ledger was written by a newer Storeroom than this one.

    Cure: upgrade the distribution storeroom.
    """

    head: str


class MigrationLockTimeout(MigrationError):
    """Another process held the migration lock for longer than the setting allows.

    Cure: wait until the other process is done, and try again; raise STOREROOM_MIGRATION_LOCK_TIMEOUT where upgrades
    take long.
    """


class TableUnowned(MigrationError):
    """A table that the ledger gives to nobody stands where a plugin is about to create its own.

    Cure: take the table over with `storeroom claim`, rename it, or drop it.
    """

    plugin: str
    tables: Sequence[str]


class RevisionEmpty(MigrationError):
    """There is nothing to write a revision about: the models and the migrations already agree.

    Cure: change the models first; for a revision of one's own making, say `--empty`.
    """

    plugin: str


class RevisionFailed(MigrationError):
    """A revision raised or broke a rule; the whole upgrade was rolled back.

    Cure: look at the `__cause__`, and correct the revision; or deny its plugin, and upgrade the others.
    """

    plugin: str
    revision: str
