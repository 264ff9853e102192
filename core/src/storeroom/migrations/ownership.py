"""Who owns which table and index, followed from revision to revision, and what a revision may not do to others'."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any

from storeroom.errors import TableUnowned
from storeroom.migrations.catalogue import Catalogue, ForeignKeys, ObjectKey, read_foreign_keys
from storeroom.migrations.guard import Watch
from storeroom.migrations.revisions import Revision
from storeroom.names import CORE_PLUGIN, owns
from storeroom.registry import Plugin

# SQLite's own look at rows and what they refer to: which tables lack something of which.
BROKEN_REFERENCES = 'SELECT DISTINCT "table", parent FROM pragma_foreign_key_check'


class Ownership:
    """The owners of all tables and indexes at one point of an upgrade."""

    def __init__(self, catalogue: Catalogue, owners: Mapping[ObjectKey, str]) -> None:
        self.catalogue = catalogue
        self._owners = dict(owners)

    def refuse_unowned(self, plugin: Plugin) -> None:
        """Raise TableUnowned where a table that belongs to nobody has the name of one of the plugin's models."""
        models = plugin.manifest.models
        names = models.metadata.tables if models is not None else ()
        strangers = sorted(
            name for name in names if name in self.catalogue.tables and ObjectKey("table", name) not in self._owners
        )
        if strangers:
            takes = f"take it over with 'storeroom claim {plugin.name}', deny {plugin.name!r}, or "
            raise TableUnowned(
                f"plugin {plugin.name!r} would create {', '.join(map(repr, strangers))}, but such a table is there and "
                f"belongs to no plugin; {takes if plugin.name != CORE_PLUGIN else ''}rename it or drop it",
                plugin=plugin.name,
                tables=tuple(strangers),
            )

    def advance(self, revision: Revision, after: Catalogue, watch: Watch) -> None:
        """Go on to the catalogue after a revision; raises RevisionFailed when it did what it may not."""
        plugin = revision.plugin
        before = self.catalogue
        if not revision.transactional and after.tables != before.tables:
            changed = ", ".join(map(repr, sorted(after.tables ^ before.tables)))
            raise revision.failed(
                f"it created or dropped {changed} outside a transaction, where a kill leaves tables to nobody; "
                "undo that by hand, and do it in a revision that is transactional"
            )
        for name in sorted(after.tables - before.tables):
            if not owns(plugin, name):
                raise revision.failed(f"it created table {name!r}; call it {plugin!r} or '{plugin}_…'")
            self._owners[ObjectKey("table", name)] = plugin
        for name in sorted(before.tables - after.tables):
            if self._owners.pop(ObjectKey("table", name), None) != plugin:
                raise revision.failed(f"it dropped table {name!r}, which isn't its own; leave it to its owner")
        self._follow_indexes(revision, after, watch)
        self._refuse_changes_to_others(revision, after, watch)
        self.catalogue = after
        for name, index in self.catalogue.indexes.items():
            # An index that the revision makes where an earlier try, killed before it was recorded, has left it.
            if watch.created(name) and self._owners.get(ObjectKey("table", index.table)) == plugin:
                self._owners.setdefault(ObjectKey("index", name), plugin)

    def claim(self, plugin: str, tables: Collection[str]) -> None:
        """Give a plugin these tables, and their indexes."""
        for key, table in self.catalogue.objects().items():
            if table in tables:
                self._owners[key] = plugin

    def drop_order(self, plugin: str, foreign_keys: ForeignKeys) -> Sequence[tuple[ObjectKey, str]]:
        """Return what the plugin owns and the catalogue holds, in the order to drop it."""
        held = self.catalogue.objects()
        own = [key for key, owner in self._owners.items() if owner == plugin and key in held]
        return self.catalogue.drop_order(own, foreign_keys)

    def _refuse_changes_to_others(self, revision: Revision, after: Catalogue, watch: Watch) -> None:
        before = self.catalogue
        for name in sorted(before.tables & after.tables):
            if self._owners.get(ObjectKey("table", name)) == revision.plugin:
                continue
            if name in watch.changed or before.shapes.get(name) != after.shapes.get(name):
                raise revision.failed(
                    f"it changed table {name!r}, or dropped it and made it anew, which isn't its own; leave it to its "
                    "owner"
                )

    def _follow_indexes(self, revision: Revision, after: Catalogue, watch: Watch) -> None:
        before = self.catalogue
        for name, index in sorted(after.indexes.items()):
            key = ObjectKey("index", name)
            if name not in before.indexes:
                owner = self._owners.get(ObjectKey("table", index.table))
                if owner != revision.plugin:
                    raise revision.failed(f"it put index {name!r} on table {index.table!r}, which isn't its own")
                self._owners[key] = owner
            elif before.indexes[name].shape != index.shape and not watch.dropped(name):
                raise revision.failed(
                    f"index {name!r} lost its order or its expression, as batch mode does; drop it by name before "
                    "and create it again after",
                )
        for name, index in sorted(before.indexes.items()):
            if name in after.indexes:
                continue
            self._owners.pop(ObjectKey("index", name), None)
            if index.table not in after.tables:
                continue
            if self._owners.get(ObjectKey("table", index.table)) != revision.plugin:
                raise revision.failed(
                    f"it dropped index {name!r} of table {index.table!r}, which isn't its own; leave it to its owner"
                )
            if not watch.dropped(name):
                raise revision.failed(
                    f"index {name!r} is gone from table {index.table!r}, as batch mode or a dropped column does; drop "
                    "it by name before, and create it again after if it is still wanted",
                )


def broken_references(driver: Any, tables: Set[str]) -> ForeignKeys:
    """Return the foreign keys that rows or a missing table break.

    Migrations run on SQLite with foreign keys off, so that this must be asked; PostgreSQL always enforces them.
    A missing table is found here and not by SQLite's own check, which passes it while the child is empty.
    """
    if not isinstance(driver, sqlite3.Connection):
        return set()
    foreign_keys = read_foreign_keys(driver)
    broken = {(child, parent) for child, parent in foreign_keys if parent not in tables}
    for child in sorted({child for child, _ in foreign_keys}):
        try:
            broken |= set(driver.execute(f"{BROKEN_REFERENCES}(?)", (child,)))
        except sqlite3.OperationalError:  # the columns that are referred to are gone, or no longer unique
            broken |= {(owner, parent) for owner, parent in foreign_keys if owner == child}
    return broken


def broken_view(driver: Any) -> str | None:
    """Return what SQLite says of a view or a trigger that refers to what isn't there, if there is one.

    It looks at all of them when a table is renamed. PostgreSQL lets none come to that.
    """
    if not isinstance(driver, sqlite3.Connection):
        return None
    driver.execute("SAVEPOINT storeroom_views")
    try:
        driver.execute("CREATE TABLE storeroom_views_are_whole (id INTEGER)")
        driver.execute("ALTER TABLE storeroom_views_are_whole RENAME TO storeroom_views_were_whole")
    except sqlite3.OperationalError as error:
        return str(error)
    finally:
        driver.execute("ROLLBACK TO storeroom_views")
        driver.execute("RELEASE storeroom_views")
    return None


def refuse_broken_view(revisions: Sequence[Revision], before: str | None, after: str | None) -> None:
    """Raise RevisionFailed when a view or a trigger is broken, and none was before."""
    if after is not None and before is None:
        raise revisions[-1].failed(f"{after}, after {', '.join(each.id for each in revisions)}; drop it first")


def refuse_broken(revisions: Sequence[Revision], before: ForeignKeys, after: ForeignKeys) -> None:
    """Raise RevisionFailed when foreign keys are broken that were whole before."""
    for child, parent in sorted(after - before):
        involved = [each for each in revisions if owns(each.plugin, child) or owns(each.plugin, parent)]
        raise (involved or revisions)[-1].failed(
            f"foreign keys from {child!r} to {parent!r} are broken after {', '.join(each.id for each in revisions)}; "
            "delete or correct the rows, or keep the table, in the revision",
        )
