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
├── StaleVersion                    the row was changed since it was read
├── FieldUnknown                    no such field, filter or sort, or not for this verb
├── CursorInvalid                   a page's cursor isn't one, or is another list's
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
├── AdoptionError                   another system's database can't be taken over
│   ├── SystemUnknown               no plugin in use takes over anything from the system
│   ├── SourceUnreadable            the file isn't there, isn't a database, or is damaged
│   └── SourceForeign               the file is a database of another program
├── BackupError                     a back-up can't be written or used
│   ├── BackupFailed                it couldn't be written, or not be restored
│   └── BackupUnusable              the file isn't a whole back-up of a Storeroom database
└── MigrationError                  the schema can't be used or changed
    ├── SchemaOutOfDate             an upgrade is needed
    ├── LedgerTooNew                a newer Storeroom wrote this database
    ├── MigrationLockTimeout        another process held the migration lock too long
    ├── TableUnowned                a table stands where a plugin wants to create its own
    ├── RevisionEmpty               the models and the migrations already agree
    ├── RevisionFailed              a revision raised, or broke a rule; everything was rolled back
    ├── PluginAbsent                neither the database nor this installation has the plugin
    ├── LedgerProtected             core's own tables can't be taken away
    ├── StillRequired               what would go is required by others
    ├── DowngradeRefused            there is no way back to that revision
    ├── ClaimRefused                the tables don't equal what the plugin's revisions make
    └── PreviewRefused              what is pending can't be shown as a script

Each error carries its facts as attributes and ends with what to do about it. All of them can be pickled.
"""

from storeroom.errors.adoption import AdoptionError, SourceForeign, SourceUnreadable, SystemUnknown
from storeroom.errors.backups import BackupError, BackupFailed, BackupUnusable
from storeroom.errors.base import StoreroomError, tell
from storeroom.errors.configuration import ConfigurationError, ExtraMissing, UrlInvalid, UrlMissing
from storeroom.errors.database import (
    Busy,
    CheckFailed,
    ConnectionLost,
    ConstraintViolated,
    DatabaseError,
    DatabaseUnavailable,
    Duplicate,
    ForeignKeyMissing,
    NullRefused,
    OutcomeUnknown,
    ReadOnly,
    SerializationConflict,
    StatementFailed,
    Timeout,
    TransientError,
)
from storeroom.errors.lifecycle import (
    ClaimRefused,
    DowngradeRefused,
    LedgerProtected,
    PluginAbsent,
    PreviewRefused,
    StillRequired,
)
from storeroom.errors.migrations import (
    LedgerTooNew,
    MigrationError,
    MigrationLockTimeout,
    RevisionEmpty,
    RevisionFailed,
    SchemaOutOfDate,
    TableUnowned,
)
from storeroom.errors.plugins import (
    CoreVersionMismatch,
    HookFailed,
    HookInvalid,
    HookUnknown,
    ManifestInvalid,
    MigrationsInvalid,
    NameNotOwned,
    PluginError,
    PluginErrors,
    PluginImportFailed,
    PluginNameInvalid,
    PluginNameTaken,
    RepositoryMissing,
    RequirementCycle,
    RequirementMissing,
    RevisionMissing,
    SchemaAhead,
)
from storeroom.errors.work import (
    CursorInvalid,
    FieldUnknown,
    NotFound,
    StaleVersion,
    TransactionEnded,
    UnitOfWorkClosed,
    UnitOfWorkError,
    UnitOfWorkNested,
    ValueRefused,
)

__all__ = [
    "AdoptionError",
    "BackupError",
    "BackupFailed",
    "BackupUnusable",
    "Busy",
    "CheckFailed",
    "ClaimRefused",
    "ConfigurationError",
    "ConnectionLost",
    "ConstraintViolated",
    "CoreVersionMismatch",
    "CursorInvalid",
    "DatabaseError",
    "DatabaseUnavailable",
    "DowngradeRefused",
    "Duplicate",
    "ExtraMissing",
    "FieldUnknown",
    "ForeignKeyMissing",
    "HookFailed",
    "HookInvalid",
    "HookUnknown",
    "LedgerProtected",
    "LedgerTooNew",
    "ManifestInvalid",
    "MigrationError",
    "MigrationLockTimeout",
    "MigrationsInvalid",
    "NameNotOwned",
    "NotFound",
    "NullRefused",
    "OutcomeUnknown",
    "PluginAbsent",
    "PluginError",
    "PluginErrors",
    "PluginImportFailed",
    "PluginNameInvalid",
    "PluginNameTaken",
    "PreviewRefused",
    "ReadOnly",
    "RepositoryMissing",
    "RequirementCycle",
    "RequirementMissing",
    "RevisionEmpty",
    "RevisionFailed",
    "RevisionMissing",
    "SchemaAhead",
    "SchemaOutOfDate",
    "SerializationConflict",
    "SourceForeign",
    "SourceUnreadable",
    "StaleVersion",
    "StatementFailed",
    "StillRequired",
    "StoreroomError",
    "SystemUnknown",
    "TableUnowned",
    "Timeout",
    "TransactionEnded",
    "TransientError",
    "UnitOfWorkClosed",
    "UnitOfWorkError",
    "UnitOfWorkNested",
    "UrlInvalid",
    "UrlMissing",
    "ValueRefused",
    "tell",
]
