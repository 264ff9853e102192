"""What can't be taken back, removed, claimed or shown as it was asked for."""

from collections.abc import Sequence

from storeroom.errors.migrations import MigrationError


class PluginAbsent(MigrationError):
    """The database, or this installation, doesn't hold the plugin that something was to be done to.

    Cure: check the plugin's name; install it where its code is needed.
    """

    plugin: str


class LedgerProtected(MigrationError):
    """Core's own tables can't be taken away: without them, nobody knows what the database holds.

    Cure: drop the whole database where all of it is to go.
    """


class StillRequired(MigrationError):
    """What would go is required by others; `required_by` are plugins, or tables whose foreign keys refer to it.

    Cure: downgrade or purge those that require it first, or drop their foreign keys.
    """

    plugin: str
    required_by: Sequence[str]


class DowngradeRefused(MigrationError):
    """The plugin can't be brought to that revision: it isn't applied, or there is no way back from a later one.

    Cure: name a revision that is applied; write the missing `downgrade`, or restore a back-up.
    """

    plugin: str
    revision: str


class ClaimRefused(MigrationError):
    """The tables don't equal what the plugin's revisions make, or equal what several of them make.

    Cure: bring the tables to what one of the revisions makes, which the text tells the differences to; with `--at`
    where several fit.
    """

    plugin: str
    differences: Sequence[str]


class PreviewRefused(MigrationError):
    """Pending revisions can't be shown as a script: they run outside a transaction, or depend on rows.

    Cure: upgrade those plugins with `storeroom upgrade`, and preview the rest.
    """

    revisions: Sequence[str]
