"""`Storeroom`: a database and the plugins in use, open for work."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from storeroom.drift import Drift
from storeroom.engine import Mode, StatementRun
from storeroom.errors import ConfigurationError
from storeroom.installation import Installation
from storeroom.migrations.state import PluginStatus
from storeroom.operations.adoption import AdoptionReport, Progress
from storeroom.operations.doctor import Diagnosis, diagnose
from storeroom.operations.health import ask
from storeroom.operations.prune import PruneReport, prune
from storeroom.registry import Registry
from storeroom.repository import BaseRepository
from storeroom.results import HookResults
from storeroom.retry import retrying
from storeroom.settings import Settings
from storeroom.unitofwork import UnitOfWork

T = TypeVar("T")


class Storeroom:
    """A database and the plugins in use. Made by `Storeroom.open`; close it, or use it in a `with` block.

    One room serves all threads of a process. After a fork it can be used in the child as well, which gets
    connections of its own.
    """

    def __init__(self, installation: Installation) -> None:
        if not isinstance(installation, Installation):
            raise ConfigurationError(
                f"a room isn't made of {type(installation).__name__}; open one with Storeroom.open(url)"
            )
        self._installation = installation
        self._database = installation.database
        self.registry: Registry = installation.registry

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        engine: Engine | None = None,
        plugins: Mapping[str, ModuleType] | None = None,
        discover: bool = True,
        allow: Collection[str] | None = None,
        deny: Collection[str] | None = None,
        strict: bool | None = None,
        require: Iterable[type[BaseRepository] | str] = (),
        upgrade: bool = False,
        settings: Settings | None = None,
    ) -> Self:
        """Open a database with the plugins that are installed.

        - `url`: where the database is; without it, STOREROOM_URL. `engine` is the program's own instead: it is used
          as it is, its connections are given back as they were, and closing the room leaves it open.
        - `plugins`: modules that the program brings under a name, beside the installed ones; with `discover=False`,
          these only.
        - `allow`, `deny`, `strict`: override the settings of these names. `settings` replaces the environment.
        - `require`: repositories, by class or name, without which opening fails.
        - `upgrade`: bring all tables to their heads first. By default they are only checked.

        Raises ConfigurationError, DatabaseUnavailable, SchemaOutOfDate and the other MigrationErrors,
        RepositoryMissing for `require`, and PluginErrors with `strict`. Nothing stays open then.
        """
        require = (require,) if isinstance(require, str) else tuple(require)
        installation = Installation.connect(
            url,
            engine=engine,
            plugins=plugins,
            discover=discover,
            allow=allow,
            deny=deny,
            strict=strict,
            settings=settings,
        )
        try:
            for repository in require:
                installation.registry.resolve(repository)
            if upgrade:
                installation.upgrade()
            installation.check()
            for repository in require:  # again, since a plugin may have turned out to be behind its tables
                installation.registry.resolve(repository)
        except BaseException:
            installation.close()
            raise
        return cls(installation)

    def write(self) -> UnitOfWork:
        """Return a writing unit of work: it commits when its block ends, and rolls back when an error leaves it.

        On SQLite it holds the write lock from the start, so that what it reads can't change before it writes.
        Entering raises UnitOfWorkNested inside another writing one, Busy when the lock isn't to be had in time.
        """
        return self._unit_of_work(Mode.WRITE)

    def read(self) -> UnitOfWork:
        """Return a reading unit of work. The database itself refuses writes in it, with ReadOnly."""
        return self._unit_of_work(Mode.READ)

    def run(self, work: Callable[[UnitOfWork], T], *, attempts: int | None = None) -> T:
        """Call `work` with a writing unit of work, and again with a new one after a conflict; return its result.

        `work` must be repeatable: what it does outside the database is done again. At most `attempts` times, by
        default STOREROOM_ATTEMPTS, with growing random pauses; then the last error is raised. Only a TransientError
        is worth another try; OutcomeUnknown is not, since the transaction may have been written.
        """

        def transaction() -> T:
            with self.write() as uow:
                return work(uow)

        return retrying(transaction, self._installation.settings.attempts if attempts is None else attempts)

    def drain(self, work: Callable[[UnitOfWork], int], *, attempts: int | None = None) -> int:
        """Call `run` with the same work again and again until it returns 0, and return the sum.

        For what is done in bounded batches, each a transaction of its own, so that no lock is held for long:
        `room.drain(lambda uow: uow[JobRepository].prune(before))`. A kill leaves whole batches.
        """
        total = 0
        while done := self.run(work, attempts=attempts):
            total += done
        return total

    def bind(self, connection: Connection) -> UnitOfWork:
        """Return a unit of work inside the transaction of the program's own connection.

        Its block is a savepoint: an error that leaves it undoes what it wrote and nothing else, and the program's
        commit or rollback decides over all. The connection must be to this room's database.
        """
        return UnitOfWork(
            self._database, self.registry, lambda: self._database.join(connection), writes=True, joins=True
        )

    def listen(self, listener: Callable[[StatementRun], object]) -> AbstractContextManager[None]:
        """Call a listener after each statement of this room's repositories that ends inside the block, in any thread.

        It is told the text, how many parameters and rows there were, and the seconds that it took. Its own errors are
        logged. What goes through `uow.connection` and `uow.session` is SQLAlchemy's, with events of its own.
        """
        return self._database.backend.watch.listening(listener)

    def status(self) -> Sequence[PluginStatus]:
        """Say where each plugin stands: core's own first, then those in use, kept out, and orphaned."""
        return self._installation.status()

    def health(self) -> HookResults:
        """Ask every plugin what needs attention, each in a reading unit of work of its own.

        The results are Findings; a plugin whose hook raised is among the errors and leaves the others' alone.
        """
        return ask(self.registry, self.read)

    def prune(self, ages: Mapping[str, timedelta] | None = None, *, dry_run: bool = False) -> PruneReport:
        """Delete what got old, of every plugin, in batches of 1,000 rows, each a transaction of its own.

        Plugins say how old each kind of their rows may get; `ages` overrides that by the kind's name, such as
        `{"jobs": timedelta(days=30)}`. With `dry_run`, rows are counted and nothing is deleted. A plugin whose hook
        raises is among the report's errors. Raises ConfigurationError for a name that no plugin in use prunes, and
        for an age that is negative, and ReadOnly where nobody could delete anything.
        """
        return prune(self, ages or {}, dry_run=dry_run)

    def adopt(
        self, system: str, file: str | Path, *, dry_run: bool = False, progress: Progress | None = None
    ) -> AdoptionReport:
        """Take over what another system wrote to a SQLite file, through the plugins in use, in one transaction.

        The file is never changed, and may be in use. The report tells for each table what became of its rows, and
        names each that isn't here as it was there; with `dry_run`, all of it is done and undone. The same file can
        be given again: a row that was adopted once is left as it is here now. `progress` is called with a table's
        name, how many of its rows were read, and how many there are. On PostgreSQL, others can read the plugins'
        tables meanwhile, and not write to them.

        Raises SystemUnknown, SourceUnreadable, SourceForeign, and HookFailed for a plugin that doesn't say rightly
        what it takes.
        """
        from storeroom.operations.adopting import adopt  # which few programs ever do

        return adopt(self, system, Path(file), dry_run=dry_run, progress=progress or _silent)

    def doctor(self) -> Sequence[Diagnosis]:
        """Say what needs attention: what core sees of the database and its plugins, and what `health` says."""
        return diagnose(self._installation)

    def drift(self, *names: str) -> Sequence[Drift]:
        """Compare the plugins' tables with their models, or those of the plugins that are named.

        There is a Drift for each plugin, true where something is to be done, with the differences. The models' tables
        are made in a scratch; see `storeroom check`. Raises PluginAbsent for a name that isn't in use or has no tables.
        """
        from storeroom.lifecycle import drift  # which imports Alembic, as opening doesn't

        return drift(self._database, self.registry, names)

    def backup(self, file: str | Path) -> None:
        """Copy a SQLite database into a file that doesn't exist yet, while it is in use, and verify the copy.

        Raises BackupFailed, also on PostgreSQL, where it names the command that does it.
        """
        from storeroom.backups import backup

        backup(self._database, Path(file))

    def close(self) -> None:
        """Close the connections, unless the engine is the program's own."""
        self._installation.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _unit_of_work(self, mode: Mode) -> UnitOfWork:
        database = self._database
        return UnitOfWork(database, self.registry, lambda: database.begin(mode), writes=mode is Mode.WRITE)


def _silent(_table: str, _done: int, _total: int) -> None:
    pass
