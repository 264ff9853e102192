"""`Installation`: the plugins that are installed here and one database, before it is known that they fit."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Self

from sqlalchemy import Engine

from storeroom.discovery import discover as find_plugins
from storeroom.engine import Database, parse_url, sqlite_file
from storeroom.errors import ConfigurationError, PluginErrors, SchemaOutOfDate, UrlMissing
from storeroom.migrations.state import (
    EMPTY,
    LedgerSnapshot,
    PluginStatus,
    orphans,
    plugins_ahead,
    plugins_pending,
    read_ledger,
    report,
)
from storeroom.registry import Registry, build_registry, without
from storeroom.settings import Settings, load_settings

logger = logging.getLogger("storeroom.registry")


class Installation:
    """Plugins and a database, with what an operator does to them: look, upgrade, check.

    `registry` holds the plugins that can be used; those whose tables turn out to be newer than their code leave it.
    """

    def __init__(self, database: Database, registry: Registry, settings: Settings) -> None:
        self.database = database
        self.registry = registry
        self.settings = settings

    @classmethod
    def connect(
        cls,
        url: str | None = None,
        *,
        engine: Engine | None = None,
        plugins: Mapping[str, ModuleType] | None = None,
        discover: bool = True,
        allow: Collection[str] | None = None,
        deny: Collection[str] | None = None,
        strict: bool | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Find and load the plugins, and prepare the database without touching it. See `Storeroom.open`."""
        settings = load_settings(settings, allow=allow, deny=deny, strict=strict)
        found = find_plugins(plugins=plugins, installed=discover, allow=settings.allow, deny=settings.deny)
        database = _database(url, engine, settings)
        if url is not None or engine is not None:
            # It belongs to the URL in the settings; beside another database it would migrate the wrong one.
            settings = settings.model_copy(update={"migration_url": None})
        try:
            return cls(database, build_registry(found, strict=settings.strict), settings)
        except BaseException:
            database.close()
            raise

    @property
    def is_new(self) -> bool:
        """Whether the database is a SQLite file that isn't there yet."""
        file = sqlite_file(self.database.engine.url)
        try:
            return file is not None and not file.exists()
        except OSError:  # a folder that can't be entered; opening says so
            return False

    def ledger(self) -> LedgerSnapshot:
        """Read what the database holds; looking doesn't create a file."""
        return EMPTY if self.is_new else read_ledger(self.database, self.registry)

    def status(self) -> Sequence[PluginStatus]:
        """Say where each plugin stands: core's own first, then those in use, kept out, and orphaned."""
        ledger = self.ledger()
        self._plan(ledger)
        return report(self.registry, ledger)

    def upgrade(self) -> Sequence[tuple[str, str]]:
        """Bring all tables to their heads, under the lock; returns the (plugin, revision)s that were applied.

        At head it reads the ledger and returns. See `storeroom.migrations.upgrading.upgrade` for what it raises.
        """
        ledger = self.ledger()
        self._leave_out_those_ahead(ledger)
        if not plugins_pending(self.registry, ledger):
            return []
        # Alembic takes longer to import than everything else, and is needed only here.
        from storeroom.migrations.upgrading import upgrade

        with self.migrating() as database:
            result = upgrade(database, self.registry)
        self._take(result.registry)
        return [(revision.plugin, revision.id) for revision in result.applied]

    def check(self) -> None:
        """Raise SchemaOutOfDate when an upgrade is needed, LedgerTooNew when this Storeroom is too old.

        A plugin that could not be upgraded, since its tables are newer than its code or its revisions can't be used,
        is quarantined; one that isn't installed any more is logged.
        """
        ledger = self.ledger()
        pending = self._plan(ledger)
        if pending:
            raise SchemaOutOfDate(
                f"{self._what_is_missing(pending)} run 'storeroom upgrade', or open with upgrade=True",
                plugins=tuple(pending),
            )
        for orphan in orphans(self.registry, ledger):
            logger.warning("plugin %s isn't installed, but its tables are in the database", orphan.name)

    @contextmanager
    def migrating(self) -> Iterator[Database]:
        """Give out the database through the URL that migrations have for themselves, if they do."""
        url = self.settings.migration_url
        if url is None:
            yield self.database
            return
        database = Database.from_url(parse_url(url.get_secret_value()), self.settings)
        try:
            yield database
        finally:
            database.close()

    def close(self) -> None:
        """Close the database, unless the engine is the program's own."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _what_is_missing(self, pending: Sequence[str]) -> str:
        if self.is_new:
            return f"{self.database.shown_url} doesn't exist yet; correct the URL, or to create it"
        return f"the tables of {', '.join(pending)} in {self.database.shown_url} are missing or older than the code;"

    def _plan(self, ledger: LedgerSnapshot) -> Sequence[str]:
        """Return the plugins that an upgrade would change, and quarantine those that it couldn't."""
        self._leave_out_those_ahead(ledger)
        if plugins_pending(self.registry, ledger):
            from storeroom.migrations.upgrading import plan  # as in `upgrade`

            planned, _ = plan(self.registry, ledger)
            self._take(planned)
        return plugins_pending(self.registry, ledger)

    def _leave_out_those_ahead(self, ledger: LedgerSnapshot) -> None:
        self._take(without(self.registry, plugins_ahead(self.registry, ledger)))

    def _take(self, registry: Registry) -> None:
        self.registry = registry
        problems = registry.problems()
        if self.settings.strict and problems:
            raise PluginErrors.of(problems)


def _database(url: str | None, engine: Engine | None, settings: Settings) -> Database:
    if engine is not None:
        if url is not None:
            raise ConfigurationError("both a URL and an engine were given; give one of them")
        if not isinstance(engine, Engine):
            raise ConfigurationError(f"engine={engine!r} isn't a SQLAlchemy Engine; give one, or a URL as text")
        return Database.from_engine(engine, settings)
    if url is None and settings.url is not None:
        url = settings.url.get_secret_value()
    if not isinstance(url, str | None):
        raise ConfigurationError(f"the database URL {url!r} isn't text; write it as 'sqlite:///app.db'")
    if not url:
        raise UrlMissing(
            "no database URL; set STOREROOM_URL or pass one, such as sqlite:///app.db or postgresql://user@host/name"
        )
    return Database.from_url(parse_url(url), settings)
