"""`Storeroom`: a database and the plugins in use, open for work."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import ModuleType, TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from storeroom.engine import Mode
from storeroom.errors import HookFailed, StoreroomError, tell
from storeroom.hookspecs import Finding
from storeroom.installation import Installation
from storeroom.migrations.state import PluginStatus
from storeroom.registry import HookResults, Registry
from storeroom.repository import BaseRepository
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

    def status(self) -> Sequence[PluginStatus]:
        """Say where each plugin stands: core's own first, then those in use, kept out, and orphaned."""
        return self._installation.status()

    def health(self) -> HookResults:
        """Ask every plugin what needs attention, each in a reading unit of work of its own.

        The results are Findings; a plugin whose hook raised is among the errors and leaves the others' alone.
        """
        results: dict[str, Any] = {}
        errors: list[HookFailed] = []
        for plugin, implementation in self.registry.hooks.implementations("storeroom_health"):
            try:
                with self.read() as uow:
                    findings = _findings(plugin, implementation(uow=uow))
            except HookFailed as error:
                errors.append(error)
            except StoreroomError as error:  # of the unit of work's end, after a failure that the hook kept silent
                errors.append(_health_failed(plugin, f"ended with {tell(error)}"))
            else:
                results[plugin] = findings
        return HookResults(results, errors)

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


def _findings(plugin: str, result: object) -> Sequence[Finding]:
    if isinstance(result, list | tuple) and all(isinstance(each, Finding) for each in result):
        return tuple(result)
    if result is None:
        return ()
    raise _health_failed(plugin, f"returned {result!r}; it must return a list of Findings")


def _health_failed(plugin: str, what: str) -> HookFailed:
    return HookFailed(
        f"hook 'storeroom_health' of plugin {plugin!r} {what}; repair the plugin, or deny it",
        plugin=plugin,
        hook="storeroom_health",
    )
