"""A plugin's revisions: up from nothing and from each earlier one, down again, and equal to the models."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from storeroom.installation import Installation
from storeroom.lifecycle import downgrade
from storeroom.migrations.state import State
from storeroom.room import Storeroom
from storeroom.schema import TableSchema, differences, read_schema
from storeroom.testing.conformance import rows
from storeroom.testing.conformance.base import Suite, Trouble
from storeroom.testing.conformance.earlier import revision_ids, upgrade_to
from storeroom.testing.conformance.failing import attempt, fail, fail_listing
from storeroom.testing.conformance.objects import objects
from storeroom.testing.conformance.subject import Subject, attempt_upgrade, tables_of, working

_BASE = "base"


class MigrationTests(Suite):
    """The tests of revisions, each on every database."""

    def test_upgrade_from_empty(self, readable: Subject, trouble: Trouble | None, url: str) -> None:
        """In a new database the revisions make the models' tables, which take rows; a second upgrade does nothing."""
        if trouble is not None and trouble.check != "test_upgrade_from_empty":
            pytest.skip(f"rows can't be written where {trouble.check} fails: {trouble.text}")
        if trouble is not None:
            fail(trouble.text)
        _ = readable.migrations
        with readable.installed(url) as room:
            states = {each.name: each.state for each in room.status()}
        if states[readable.name] is not State.CURRENT:
            fail(
                f"plugin {readable.name!r} is {states[readable.name]} after an upgrade; let HEAD name the last revision"
            )
        with readable.installation(url) as installation:
            again = installation.upgrade()
        if again:
            fail(f"a second upgrade applies {again} again; let each revision have an id of its own")

    def test_ownership(self, subject: Subject, url: str) -> None:
        """The revisions make tables and indexes of the plugin's, under its name, and nothing else that has a name."""
        _ = subject.migrations
        subject.open_without(url).close()
        with subject.installation(url) as installation:
            before = _looked_at(installation, objects)
            attempt_upgrade(subject, installation)
            made = _looked_at(installation, objects) - before
        own = {table.name for table in subject.tables}
        fail_listing(
            f"the revisions of plugin {subject.name!r} make what isn't theirs to make",
            [f"{kind} {name!r}" for kind, name in sorted(made) if not _is_owned(subject.name, kind, name)],
            f"call it {subject.name!r} or '{subject.name}_…'; functions, types and triggers aren't in the ledger, and "
            "nobody could remove them when the plugin is gone",
        )
        fail_listing(
            f"tables that the revisions of plugin {subject.name!r} make are in none of its models",
            [repr(name) for kind, name in sorted(made) if kind == "table" and name not in own],
            "give each a model, or drop it in a revision",
        )

    def test_no_drift(self, readable: Subject, trouble: Trouble | None, url: str) -> None:
        """The tables that the revisions make are those that the models say."""
        _ = readable.migrations
        if trouble is not None and trouble.check != "test_no_drift":
            pytest.skip(f"the plugin fails in a new database, as {trouble.check} says: {trouble.text}")
        with readable.installed(url) as room:
            drift = readable.drift(room)
        fail_listing(
            f"the tables that the revisions of plugin {readable.name!r} make aren't as its models say",
            drift,
            f"'storeroom revision {readable.name} -m TEXT' writes the revision that makes them so",
        )

    def test_upgrade_from_each_revision(
        self, subject: Subject, new_database: Callable[[], str], tmp_path: Path
    ) -> None:
        """A database with rows at any earlier revision comes to the head, with the same tables, and keeps its rows."""
        _ = subject.migrations
        expected = _schema_of(subject, subject.installed(new_database()))
        for revision in revision_ids(subject.plugin)[:-1]:
            url = new_database()
            before = self._filled_at(subject, url, revision, tmp_path)
            with subject.installation(url) as installation:
                attempt_upgrade(subject, installation, f"with rows at revision {revision!r}")
            found = _schema_of(subject, subject.open(url))
            fail_listing(
                f"the upgrade of plugin {subject.name!r} from {revision!r} makes other tables than that from empty",
                _unlike(found, expected, "the tables made from empty"),
                "let the revisions do the same, whatever rows they find",
            )
            with subject.open(url) as room, room.read() as uow:
                kept = [table.name for table in subject.tables if table.name in before]
                after = rows.counts(uow.connection, kept)
            fail_listing(
                f"the upgrade of plugin {subject.name!r} from {revision!r} loses rows",
                [
                    f"{name!r} had {before[name]}, and has {after[name]}"
                    for name in kept
                    if after[name] < before[name] and name not in self.may_lose
                ],
                "carry them over in the revision; where it deletes them on purpose, say may_lose = ('<table>',)",
            )

    def test_downgrade_to_base(self, subject: Subject, url: str) -> None:
        """Taking back all revisions, with rows in the tables, leaves nothing, and all can be applied again."""
        _ = subject.migrations
        subject.open_without(url).close()
        with subject.installation(url) as installation:
            before = _looked_at(installation, objects)
        with subject.open(url) as room:
            self.filled(subject, room)
        with subject.installation(url) as installation:
            _take_back(subject, installation, _BASE)
            left = _looked_at(installation, objects) - before
            fail_listing(
                f"the downgrade of plugin {subject.name!r} to base leaves",
                [f"{kind} {name!r}" for kind, name in sorted(left)],
                "let downgrade() of the revision that made it drop it",
            )
            attempt_upgrade(subject, installation, "after a downgrade to base")

    def test_downgrade_to_each_revision(
        self, subject: Subject, new_database: Callable[[], str], tmp_path: Path
    ) -> None:
        """Taking back revisions, with rows in the tables, makes the tables that an upgrade to there makes."""
        _ = subject.migrations
        for revision in revision_ids(subject.plugin)[:-1]:
            upwards, downwards = new_database(), new_database()
            with subject.installation(upwards) as installation:
                upgrade_to(installation, subject.plugin, revision, tmp_path / "down")
                expected = _looked_at(installation, lambda each: _schema(each, subject))
            with subject.open(downwards) as room:
                self.filled(subject, room)
            with subject.installation(downwards) as installation:
                _take_back(subject, installation, revision)
                found = _looked_at(installation, lambda each: _schema(each, subject))
                fail_listing(
                    f"the downgrade of plugin {subject.name!r} to {revision!r} makes other tables than the upgrade",
                    _unlike(found, expected, "the tables of the upgrade"),
                    "let downgrade() of the revision after it undo what upgrade() does",
                )
                attempt_upgrade(subject, installation, f"after a downgrade to {revision!r}")

    def _filled_at(self, subject: Subject, url: str, revision: str, folder: Path) -> Mapping[str, int]:
        """Bring a database to a revision, and fill its tables; return how many rows each has."""
        with subject.installation(url) as installation:
            upgrade_to(installation, subject.plugin, revision, folder / "up")
            with working(installation) as uow:
                connection = uow.connection
                for each in subject.required:
                    rows.make_up(connection, tables_of(each))
                attempt(
                    f"rows of plugin {subject.name!r} at revision {revision!r} can't be written",
                    partial(self.sample_at, revision, connection),
                    "repair sample_at()",
                )
                tables = rows.reflected(connection, subject.tables, subject.name)
                counts = rows.counts(connection, [table.name for table in tables])
        fail_listing(
            f"sample_at() leaves tables of plugin {subject.name!r} empty at revision {revision!r}",
            [repr(name) for name, count in counts.items() if not count],
            "let it put a row into each of them, or leave it out to have rows made up",
        )
        return counts


def _take_back(subject: Subject, installation: Installation, target: str) -> None:
    attempt(
        f"the downgrade of plugin {subject.name!r} to {target!r} fails",
        lambda: downgrade(installation.database, installation.registry, subject.name, target),
        "repair downgrade() of the revision that the error names",
    )


def _is_owned(plugin: str, kind: str, name: str) -> bool:
    owned = name == plugin or name.startswith(f"{plugin}_")
    if kind == "index":
        return True  # its table's; core has seen to it
    return kind in ("table", "sequence") and owned


def _schema(connection: Connection, subject: Subject) -> Mapping[str, TableSchema]:
    tables = rows.reflected(connection, subject.tables, subject.name)
    return read_schema(connection.connection.driver_connection, [table.name for table in tables])


def _schema_of(subject: Subject, room: Storeroom) -> Mapping[str, TableSchema]:
    with room, room.read() as uow:
        return _schema(uow.connection, subject)


def _unlike(found: Mapping[str, TableSchema], expected: Mapping[str, TableSchema], whose: str) -> Sequence[str]:
    return [each.told(whose) for each in differences(found, expected)]


def _looked_at(installation: Installation, look: Callable[[Connection], Any]) -> Any:
    with installation.database.engine.connect() as connection:
        return look(connection)
