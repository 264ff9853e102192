"""Every error that Storeroom raises, in one tree.

StoreroomError
├── ConfigurationError              a setting or an argument can't be used
│   ├── UrlMissing                  no database URL was given
│   ├── UrlInvalid                  the database URL can't be understood
│   └── ExtraMissing                an optional dependency is not installed
├── PluginError                     why one plugin can't be used
│   ├── PluginNameInvalid           its name breaks the naming rule
│   ├── PluginNameTaken             two distributions claim the name
│   ├── PluginImportFailed          its module can't be imported
│   ├── HookInvalid                 a hook is misspelt, a wrapper, or has wrong arguments
│   ├── ManifestInvalid             its manifest is missing or wrong
│   ├── NameNotOwned                a table or repository name that isn't its to take
│   ├── CoreVersionMismatch         it was made for another version of core
│   ├── RequirementMissing          a plugin that it requires can't be used
│   ├── RequirementCycle            it requires itself, through others
│   ├── MigrationsInvalid           HEAD is missing, or the revisions don't form a line
│   ├── RevisionMissing             one of its revisions requires one that isn't there
│   └── SchemaAhead                 its tables are newer than its code
├── PluginErrors                    strict mode: all the problems at once
├── RepositoryMissing               no plugin in use brings this repository
├── HookUnknown                     no such hook is specified, or its arguments are wrong
├── HookFailed                      a plugin's hook raised
├── UnitOfWorkError                 a unit of work was used wrongly
│   ├── UnitOfWorkNested            a writing one was opened inside another
│   ├── UnitOfWorkClosed            it is over, or belongs to another process
│   └── TransactionEnded            something else ended its transaction
├── NotFound                        no row has this key
├── FieldUnknown                    the model has no such field
├── ValueRefused                    a value that a column doesn't take, such as a time without a zone
├── DatabaseError                   the database refused
│   ├── TransientError              the same transaction may succeed when run again
│   │   ├── Busy                    another transaction holds what this one needs
│   │   ├── SerializationConflict   a deadlock, or a snapshot that is out of date
│   │   └── ConnectionLost          the connection broke before the commit
│   ├── Timeout                     a statement, or the wait for a connection, took too long
│   ├── ReadOnly                    a write in a reading unit of work, or to a read-only database
│   ├── ConstraintViolated          a constraint doesn't allow this row
│   │   ├── Duplicate               a unique constraint
│   │   ├── ForeignKeyMissing       a foreign key
│   │   ├── CheckFailed             a check
│   │   └── NullRefused             a column that can't be null
│   ├── DatabaseUnavailable         the file can't be opened, or the server not reached
│   ├── OutcomeUnknown              the connection broke during the commit
│   └── StatementFailed             anything else
└── MigrationError                  the schema can't be used or changed
    ├── SchemaOutOfDate             an upgrade is needed
    ├── LedgerTooNew                a newer Storeroom wrote this database
    ├── MigrationLockTimeout        another process held the migration lock too long
    ├── TableUnowned                a table stands where a plugin wants to create its own
    ├── RevisionEmpty               the models and the migrations already agree
    └── RevisionFailed              a revision raised, or broke a rule; everything was rolled back

Each error carries its facts as attributes and ends with what to do about it. All of them can be pickled.
"""

from collections.abc import Sequence
from typing import Self


class StoreroomError(Exception):
    """Base of every error that Storeroom raises.

    The keyword arguments become attributes: the facts that the message tells.
    """

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.__dict__.update(facts)


def tell(error: BaseException) -> str:
    """Return an error's class and text, also where making the text raises."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


class ConfigurationError(StoreroomError):
    """A setting or an argument can't be used."""


class UrlMissing(ConfigurationError):
    """No database URL was given, neither as an argument nor as STOREROOM_URL."""


class UrlInvalid(ConfigurationError):
    """The database URL can't be understood, or names a database that Storeroom doesn't speak to."""

    url: str


class ExtraMissing(ConfigurationError):
    """An optional dependency is needed that isn't installed."""

    extra: str


class PluginError(StoreroomError):
    """Why one plugin can't be used; it is quarantined with this as the cause."""

    plugin: str


class PluginNameInvalid(PluginError):
    """The entry point's name is not of the form `[a-z][a-z0-9]*`, or is core's own."""


class PluginNameTaken(PluginError):
    """Two distributions claim the same plugin name; neither is used."""

    claims: Sequence[str]


class PluginImportFailed(PluginError):
    """Importing the plugin's module raised; the original error is the `__cause__`."""


class HookInvalid(PluginError):
    """A hook implementation or specification that pluggy, or Storeroom, doesn't accept.

    `hook` is None where pluggy doesn't tell which.
    """

    hook: str | None


class ManifestInvalid(PluginError):
    """`storeroom_manifest` is missing, raised, or returned something that can't be used."""


class NameNotOwned(PluginError):
    """A table, repository or hook whose name belongs to another plugin."""

    name: str


class CoreVersionMismatch(PluginError):
    """The installed core is outside the version specifier in the manifest."""

    specifier: str
    installed: str


class RequirementMissing(PluginError):
    """A plugin that this one requires isn't installed, is denied, or is itself quarantined."""

    requirement: str


class RequirementCycle(PluginError):
    """Plugins that require each other in a circle."""

    cycle: Sequence[str]


class MigrationsInvalid(PluginError):
    """The plugin's migrations can't be used: no package, no HEAD, or revisions that don't form one line."""


class RevisionMissing(PluginError):
    """A revision requires one that neither the database nor the installed plugin has."""

    revision: str
    requirement: str


class SchemaAhead(PluginError):
    """The database holds revisions of this plugin that its installed code doesn't know."""

    revision: str


class PluginErrors(StoreroomError):
    """All the problems that strict mode found, as one error."""

    problems: Sequence[PluginError]

    @classmethod
    def of(cls, problems: Sequence[PluginError]) -> Self:
        """Say all the problems in one error."""
        return cls(f"{len(problems)} problem(s) with plugins: " + "; ".join(map(str, problems)), problems=problems)


class RepositoryMissing(StoreroomError, LookupError):
    """No plugin in use brings the repository that was asked for."""

    repository: str


class HookUnknown(StoreroomError, LookupError):
    """A hook was called that neither core nor a plugin in use specifies, or with other arguments than it takes."""

    hook: str


class HookFailed(StoreroomError):
    """A plugin's hook implementation raised; the original error is the `__cause__`."""

    plugin: str
    hook: str


class UnitOfWorkError(StoreroomError):
    """A unit of work was used in a way that can't work."""


class UnitOfWorkNested(UnitOfWorkError):
    """A unit of work was opened inside a writing one that it would have to wait for."""


class UnitOfWorkClosed(UnitOfWorkError):
    """The unit of work is over, was not entered, or belongs to another process."""


class TransactionEnded(UnitOfWorkError):
    """The transaction of a unit of work was committed or rolled back by something else."""


class NotFound(StoreroomError, LookupError):
    """No row has the key that was asked for."""

    repository: str
    key: object


class FieldUnknown(StoreroomError, ValueError):
    """A field was named that the repository's model doesn't have."""

    repository: str
    field: str


class ValueRefused(StoreroomError, ValueError):
    """A value that a column or the driver doesn't take, refused before it is sent to the database."""

    value: object = None


class DatabaseError(StoreroomError):
    """The database refused; `code` is the SQLSTATE, or SQLite's error name."""

    code: str | None = None


class TransientError(DatabaseError):
    """The same transaction may succeed when it is run again, as `Storeroom.run` does."""


class Busy(TransientError):
    """Another transaction holds a lock that this one needs, and the wait for it was too long."""


class SerializationConflict(TransientError):
    """A deadlock, or a snapshot that another transaction has overtaken."""


class ConnectionLost(TransientError):
    """The connection broke before the commit; nothing was written."""


class Timeout(DatabaseError):
    """A statement, or the wait for a free connection, took longer than its setting allows."""


class ReadOnly(DatabaseError):
    """A write in a reading unit of work, or to a database that is read-only."""


class ConstraintViolated(DatabaseError):
    """A constraint doesn't allow this row.

    `constraint` is its name, where the database or the model tells it; `table` and `columns` likewise.
    """

    constraint: str | None = None
    table: str | None = None
    columns: Sequence[str] = ()


class Duplicate(ConstraintViolated):
    """A row with the same unique key exists."""


class ForeignKeyMissing(ConstraintViolated):
    """The row refers to one that isn't there, or is referred to by one that is."""


class CheckFailed(ConstraintViolated):
    """A value is outside what a check constraint allows."""


class NullRefused(ConstraintViolated):
    """A column that must have a value has none."""


class DatabaseUnavailable(DatabaseError):
    """The database file can't be opened, or the server can't be reached."""


class OutcomeUnknown(DatabaseError):
    """The connection broke during the commit: the transaction may have been written, or not."""


class StatementFailed(DatabaseError):
    """The database refused a statement for a reason that has no class of its own."""


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
