"""A plugin among others: installed late, uninstalled, back again, and beside one that has its name."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from storeroom.errors import PluginNameTaken, StoreroomError, TableUnowned
from storeroom.migrations.state import State
from storeroom.room import Storeroom
from storeroom.testing import rooms
from storeroom.testing.conformance import rows
from storeroom.testing.conformance.base import Suite
from storeroom.testing.conformance.failing import attempt, fail, fail_listing
from storeroom.testing.conformance.objects import objects
from storeroom.testing.conformance.subject import Subject, attempt_upgrade, tables_of, working
from storeroom.unitofwork import UnitOfWork

_STRANGER = "program_orders"


class LifeTests(Suite):
    """The tests of coming and going, each on every database."""

    def test_late_install(self, subject: Subject, url: str) -> None:
        """In a database that is in use, its revisions leave the rows and the tables of others as they are."""
        _ = subject.migrations
        with subject.open_without(url) as room, room.write() as uow:
            for each in subject.required:
                rows.make_up(uow.connection, tables_of(each))
            uow.connection.execute(text(f"CREATE TABLE {_STRANGER} (id INTEGER PRIMARY KEY, what TEXT)"))
            uow.connection.execute(text(f"INSERT INTO {_STRANGER} VALUES (1, 'kept')"))
            before = _others(uow.connection, subject)
        with subject.installation(url) as installation:
            attempt_upgrade(subject, installation, "in a database that is in use")
        with subject.open(url) as room:
            with room.read() as uow:
                after = _others(uow.connection, subject)
            self.filled(subject, room)
        fail_listing(
            f"installing plugin {subject.name!r} changes what isn't its own",
            [f"the rows of {name!r}" for name in before if before[name] != after[name]],
            "let its revisions change its own tables only",
        )

    def test_uninstall_and_return(self, subject: Subject, url: str) -> None:
        """While it isn't installed, its rows stay, and others' can be deleted; back again, it is as before."""
        _ = subject.migrations
        with subject.open(url) as room:
            self.filled(subject, room)
            before = _contents(room, subject.tables)
        with subject.open_without(url) as room:
            found = {each.name: each.state for each in room.status()}.get(subject.name)
            if found is not State.ORPHANED:
                fail(f"plugin {subject.name!r} is {found} when it isn't installed; let its revisions make its tables")
        with subject.open(url, upgrade=False) as room:
            if _contents(room, subject.tables) != before:
                fail(f"rows of plugin {subject.name!r} are others when it comes back; let nothing run at import")
        self._expect_free_neighbours(subject, url)
        with subject.open(url, upgrade=False) as room:
            rooms.empty(room)
            self.filled(subject, room)

    def test_name_collision(self, subject: Subject, url: str) -> None:
        """Beside another plugin of its name neither is used; a table that has its table's name is left to its owner."""
        with Storeroom.open(
            url, plugins={subject.name: ModuleType("another")}, allow=subject.names, deny=(), upgrade=True
        ) as room:
            found = room.registry.quarantined.get(subject.name)
            if found is None or not isinstance(found.error, PluginNameTaken):
                fail(f"plugin {subject.name!r} is used beside another of its name; let no other module register it")
        self._expect_strangers_left(subject, url)
        self._expect_own_index_names(subject, url)

    def _expect_own_index_names(self, subject: Subject, url: str) -> None:
        """Look for indexes whose names another plugin or the program may have given to one of its own."""
        with subject.open_without(url) as room, room.read() as uow:
            before = objects(uow.connection)
        with subject.open(url) as room, room.read() as uow:
            made = objects(uow.connection) - before
        own = re.compile(rf"(^|_){subject.name}(_|$)")
        fail_listing(
            f"indexes of plugin {subject.name!r} have names that others may have taken, which would stop its upgrade",
            [repr(name) for kind, name in sorted(made) if kind == "index" and not own.search(name)],
            "indexes of all tables share their names: call it 'ix_<table>_<columns>', as one does that is given no "
            "name in the model",
        )

    def _expect_strangers_left(self, subject: Subject, url: str) -> None:
        for table in subject.tables:
            with subject.open_without(url) as room, room.write() as uow:
                name = uow.dialect.identifier_preparer.quote(table.name)
                uow.connection.execute(text(f"CREATE TABLE {name} (what TEXT)"))
                uow.connection.execute(text(f"INSERT INTO {name} VALUES ('a stranger')"))
            with subject.installation(url) as installation:
                try:
                    installation.upgrade()
                    refused = False
                except TableUnowned:
                    refused = True
                with working(installation) as uow:
                    left = uow.connection.execute(text(f"SELECT * FROM {name}")).all() if refused else []
                    if not refused or left != [("a stranger",)]:
                        fail(
                            f"the upgrade of plugin {subject.name!r} takes a table {table.name!r} that was there "
                            "before; let its revision create the table, without if_not_exists"
                        )
                    uow.connection.execute(text(f"DROP TABLE {name}"))

    def _expect_free_neighbours(self, subject: Subject, url: str) -> None:
        """Delete every row of the plugins that this one requires, while it isn't installed."""
        with subject.open_without(url) as room, room.write() as uow:
            _refer(uow, subject)
            for each in reversed(subject.required):
                for table in reversed(tables_of(each)):
                    attempt(
                        f"rows of plugin {subject.name!r}, which isn't installed, keep those of {table.name!r}",
                        partial(uow.connection.execute, delete(table)),
                        "let the foreign key say ondelete CASCADE or SET NULL, in the revision as in the model",
                    )


def _others(connection: Connection, subject: Subject) -> Mapping[str, Sequence[str]]:
    """Read whatever isn't the plugin's: the rows of others, and what has a name."""
    tables = [table for each in subject.required for table in tables_of(each)]
    found: dict[str, Any] = dict(rows.contents(connection, tables))
    found[_STRANGER] = connection.execute(text(f"SELECT * FROM {_STRANGER}")).all()
    return found


def _refer(uow: UnitOfWork, subject: Subject) -> None:
    """Let rows refer to those of the plugins that this one requires, where the sample leaves that open."""
    theirs = {table for each in subject.required for table in tables_of(each)}
    for table in subject.tables:
        for key in table.foreign_keys:
            if key.column.table in theirs and key.parent.nullable:
                first = select(func.min(key.column)).scalar_subquery()
                with suppress(StoreroomError, SQLAlchemyError), uow.savepoint():  # it may be against a constraint
                    uow.connection.execute(update(table).where(key.parent.is_(None)).values({key.parent: first}))


def _contents(room: Storeroom, tables: Sequence[Table]) -> Mapping[str, Sequence[str]]:
    with room.read() as uow:
        return rows.contents(uow.connection, tables)
