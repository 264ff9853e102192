"""What all tests of the suite share: what the author gives, and a plugin that is fit for the test."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection

from storeroom.migrations.revisions import load_revisions
from storeroom.room import Storeroom
from storeroom.testing.conformance import rows
from storeroom.testing.conformance.failing import attempt, fail_listing
from storeroom.testing.conformance.subject import Subject, load_subject, tables_of
from storeroom.testing.databases import Databases
from storeroom.testing.races import Race
from storeroom.unitofwork import UnitOfWork


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with a plugin in a new database, and the test that says so."""

    check: str
    text: str


# Of each suite on each lane, what goes wrong in a new database: found once, since most tests ask.
_TROUBLES: dict[tuple[type["Suite"], str], Trouble | None] = {}


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
    def declared(self) -> Subject:
        """Give out the plugin; where it can't be used at all, test_manifest says why, and all else is skipped."""
        try:
            return load_subject(self.plugin)
        except Exception as error:  # whatever it is, test_manifest tells it
            pytest.skip(f"the plugin can't be used, as test_manifest says: {error}")

    @pytest.fixture
    def readable(self, declared: Subject) -> Subject:
        """Give out the plugin; where no database could be opened with it, two other tests say why."""
        try:
            declared.configure()
            load_revisions(declared.plugin)
        except Exception as error:  # whatever it is, these two tell it
            pytest.skip(f"no room can be opened, as test_mappers_configure or test_head_is_true says: {error}")
        return declared

    @pytest.fixture
    def trouble(self, readable: Subject, lane: str, databases: Databases) -> Trouble | None:
        """Tell what goes wrong in a new database; nothing where its tables are made and take rows."""
        key = type(self), lane
        if key not in _TROUBLES:
            url = databases.create(lane)
            try:
                _TROUBLES[key] = self._first_use(readable, url)
            finally:
                databases.drop(url)
        return _TROUBLES[key]

    @pytest.fixture
    def subject(self, readable: Subject, trouble: Trouble | None) -> Subject:
        """Give out the plugin; where it fails in a new database, another test says why."""
        if trouble is not None:
            pytest.skip(f"the plugin fails in a new database, as {trouble.check} says: {trouble.text}")
        return readable

    def _first_use(self, subject: Subject, url: str) -> Trouble | None:
        drift: Sequence[str] = ()
        try:
            with subject.installed(url) as room:
                drift = subject.drift(room)
                self.filled(subject, room)
        except pytest.fail.Exception as error:
            # Rows often can't be written because the tables lack what the models have: then that is what to mend.
            return Trouble("test_no_drift" if drift else "test_upgrade_from_empty", str(error))
        return None

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
