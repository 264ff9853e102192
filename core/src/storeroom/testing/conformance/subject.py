"""The plugin that the suite tests, and how its tests open databases with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import pytest
from sqlalchemy import Table

from storeroom.discovery import discover
from storeroom.engine import Mode
from storeroom.errors import PluginErrors
from storeroom.installation import Installation
from storeroom.registry import MigrationPackage, Plugin, build_registry
from storeroom.room import Storeroom
from storeroom.testing.conformance.failing import attempt
from storeroom.testing.requirements import with_required
from storeroom.testing.rooms import PATIENT
from storeroom.unitofwork import UnitOfWork


@dataclass(frozen=True)
class Subject:
    """The plugin, loaded, and the names of those that it requires, requirements first."""

    plugin: Plugin
    required: Sequence[Plugin]

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.plugin.name

    @property
    def names(self) -> Sequence[str]:
        """The names of the plugin and of those that it requires."""
        return [*(each.name for each in self.required), self.name]

    @property
    def migrations(self) -> MigrationPackage:
        """Where its revisions are; a test of a plugin that has none is skipped."""
        if self.plugin.migrations is None:
            pytest.skip(f"plugin {self.name!r} has no tables")
        return self.plugin.migrations

    @property
    def tables(self) -> Sequence[Table]:
        """The tables of its models, those that others refer to first."""
        return tables_of(self.plugin)

    def configure(self) -> None:
        """Configure its models' relationships. Raises what SQLAlchemy does where one leads nowhere."""
        models = self.plugin.manifest.models
        if models is not None:
            models.registry.configure(cascade=True)

    def open(self, url: str, *, upgrade: bool = True) -> Storeroom:
        """Open a room with the plugin and those that it requires."""
        return Storeroom.open(url, allow=self.names, deny=(), strict=True, upgrade=upgrade, settings=PATIENT)

    def open_without(self, url: str) -> Storeroom:
        """Open a room as it is when the plugin's distribution is uninstalled."""
        modules = {each.name: each.module for each in self.required}
        return Storeroom.open(url, plugins=modules, discover=False, strict=True, upgrade=True, settings=PATIENT)

    def installation(self, url: str) -> Installation:
        """Return the plugin and those that it requires, and a database that isn't touched yet."""
        return Installation.connect(url, allow=self.names, deny=(), strict=True, settings=PATIENT)

    def installed(self, url: str) -> Storeroom:
        """Upgrade a new database, or fail the test where that fails, and open a room on it."""
        with self.installation(url) as installation:
            attempt_upgrade(self, installation)
        return self.open(url)

    def drift(self, room: Storeroom) -> Sequence[str]:
        """Tell how the plugin's tables differ from what its models say, a line each."""
        if self.plugin.migrations is None:
            return []
        (drift,) = room.drift(self.name)
        return [*map(str, drift.differences), *([drift.note] if drift.note else [])]


def working(installation: Installation) -> UnitOfWork:
    """Return a writing unit of work in a database that may be at any revision."""
    database = installation.database
    return UnitOfWork(database, installation.registry, partial(database.begin, Mode.WRITE), writes=True)


def tables_of(plugin: Plugin) -> Sequence[Table]:
    """Return the tables of a plugin's models, those that others refer to first."""
    models = plugin.manifest.models
    return [] if models is None else models.metadata.sorted_tables


@cache
def load_subject(name: str) -> Subject:
    """Load the plugin of this name. Raises PluginErrors for what is wrong with it or with one that it requires."""
    registry = build_registry(discover(allow=with_required([name])))
    problems = registry.problems()
    if problems:
        raise PluginErrors.of(problems)
    others = [each for each in registry.plugins.values() if each.name != name]
    return Subject(registry.plugins[name], others)


def attempt_upgrade(subject: Subject, installation: Installation, when: str = "in a new database") -> None:
    """Upgrade, and fail the test where that fails."""
    attempt(
        f"the upgrade of plugin {subject.name!r} {when} fails",
        installation.upgrade,
        "repair the revision that the error names",
    )
