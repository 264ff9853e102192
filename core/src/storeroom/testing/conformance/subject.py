"""The plugin that the suite tests, and how its tests open databases with it and fail."""

import sysconfig
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
from sqlalchemy import Connection, Table

from storeroom.discovery import discover
from storeroom.engine import Mode
from storeroom.errors import PluginErrors
from storeroom.installation import Installation
from storeroom.registry import MigrationPackage, Plugin, build_registry
from storeroom.room import Storeroom
from storeroom.testing.conformance import rows
from storeroom.testing.races import Race
from storeroom.testing.requirements import with_required
from storeroom.testing.rooms import PATIENT
from storeroom.unitofwork import UnitOfWork

T = TypeVar("T")

_CORE = Path(__file__).parents[2]


def fail(message: str) -> NoReturn:
    """Fail a test with what the author needs to read, and no traceback."""
    pytest.fail(message, pytrace=False)


def fail_listing(subject: str, faults: Iterable[str], cure: str) -> None:
    """Fail a test when there are faults, with one line for each."""
    listed = list(faults)
    if listed:
        fail("\n  - ".join([f"{subject}:", *listed]) + f"\n{cure}")


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


class Suite:
    """What a plugin's author gives: its name, sample rows, and the verbs that promise to lose nothing.

    - `plugin`: the plugin's name; all that must be given.
    - `sample`: puts one row at least into each table, by the plugin's own verbs. Without it, rows are made up.
    - `sample_at`: puts rows into the tables as they are at an earlier revision. Without it, rows are made up.
    - `races`: verbs that lose nothing when several processes do them at once.
    - `may_lose`: the tables in which a revision deletes rows on purpose.
    """

    plugin: str
    races: Sequence[Race] = ()
    may_lose: Sequence[str] = ()

    def sample(self, uow: UnitOfWork) -> None:
        """Put one row at least into each of the plugin's tables."""
        rows.make_up(uow.connection, tables_of(load_subject(self.plugin).plugin))

    def sample_at(self, revision: str, connection: Connection) -> None:  # noqa: ARG002  # for those who override it
        """Put one row at least into each of the plugin's tables, as they are at this revision."""
        rows.make_up(connection, rows.reflected(connection, tables_of(load_subject(self.plugin).plugin), self.plugin))

    @pytest.fixture
    def subject(self) -> Subject:
        """Give out the plugin; where it can't be used at all, test_manifest says why, and all else is skipped."""
        try:
            return load_subject(self.plugin)
        except Exception as error:  # whatever it is, test_manifest tells it
            pytest.skip(f"the plugin can't be used, as test_manifest says: {error}")

    def filled(self, subject: Subject, room: Storeroom) -> None:
        """Fill the tables of the plugins that this one requires where they are empty, and then its own, with samples.

        Fails where a table stays empty.
        """
        with room.write() as uow:
            for each in subject.required:
                rows.make_up(uow.connection, tables_of(each))
        attempt(
            f"sample rows of plugin {subject.name!r} can't be written",
            lambda: room.run(self.sample),
            "repair sample(), or the verb that the error names",
        )
        with room.read() as uow:
            counts = rows.counts(uow.connection, [table.name for table in subject.tables])
        fail_listing(
            f"sample() leaves tables of plugin {subject.name!r} empty",
            [repr(name) for name, count in counts.items() if not count],
            "let it put a row into each of them, by the plugin's verbs, or leave sample() out to have rows made up",
        )


def attempt(what: str, work: Callable[[], T], cure: str) -> T:
    """Do something that must not fail, and fail the test in the author's words where it does."""
    try:
        return work()
    except rows.NoRow as error:
        why, cure = str(error), ""
    except Exception as error:  # whatever the plugin's code raises
        why = f"{type(error).__name__}: {error}{_place(error)}"
    fail(f"{what}: {why}\n{cure}".rstrip())


def _place(error: Exception) -> str:
    """Say where in the author's own files it was raised, or came from."""
    installed = (str(_CORE), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"])
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not each.filename.startswith(installed)]
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
