"""Schemas that can't be used or changed."""

from collections.abc import Sequence

from storeroom.errors.base import StoreroomError


class MigrationError(StoreroomError):
    """The schema can't be used as it is, or can't be changed."""


class SchemaOutOfDate(MigrationError):
    """Plugins whose tables are older than their code; an upgrade is needed before the database is opened."""

    plugins: Sequence[str]


class LedgerTooNew(MigrationError):
    """The ledger was written by a newer Storeroom than this one."""

    head: str


class MigrationLockTimeout(MigrationError):
    """Another process held the migration lock for longer than the setting allows."""


class TableUnowned(MigrationError):
    """A table that the ledger gives to nobody stands where a plugin is about to create its own."""

    plugin: str
    tables: Sequence[str]


class RevisionEmpty(MigrationError):
    """There is nothing to write a revision about: the models and the migrations already agree."""

    plugin: str


class RevisionFailed(MigrationError):
    """A revision raised or broke a rule; the whole upgrade was rolled back."""

    plugin: str
    revision: str
