"""Plugins come, go, and come back in any order: no row is lost but by purging, and the ledger says what is there."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import invalidate_caches
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from storeroom.errors import MigrationError, PluginError
from storeroom.schema import TableSchema
from tests.lifecycle.lives import NAMES, claim, downgrade, forget, purge
from tests.migrations.installations import connected, execute, heads, picture, tables, uninstall, upgrade
from tests.support.distributions import forget_modules
from tests.support.plugins import PluginMaker, Rev, create_table, table

LINK = 'sa.Column("alpha_id", sa.Integer(), sa.ForeignKey("alpha.id", ondelete="CASCADE", name="fk_{0}"))'
COLUMN = """
with op.batch_alter_table("{0}") as batch:
    batch.add_column(sa.Column("title", sa.Text(), server_default="none", nullable=False))
"""
WITHOUT_COLUMN = """
with op.batch_alter_table("{0}") as batch:
    batch.drop_column("title")
"""
# By plugin: its revisions, the tables that it then has, and what it requires.
LINES: Mapping[str, list[Rev]] = {
    "alpha": [
        table("alpha"),
        Rev(COLUMN.format("alpha"), down=WITHOUT_COLUMN.format("alpha")),
        table("alpha_more", LINK.format("alpha_more")),
    ],
    "beta": [
        Rev(create_table("beta", LINK.format("beta")), down='op.drop_table("beta")', requires=["alpha:alpha_0002"]),
        Rev('op.create_index("ix_beta", "beta", [sa.text("alpha_id DESC")])', down='op.drop_index("ix_beta", "beta")'),
    ],
    "gamma": [
        table("gamma"),
        Rev(
            'op.create_index("ix_gamma", "gamma", ["id"], if_not_exists=True, postgresql_concurrently=True)',
            down='op.drop_index("ix_gamma", "gamma", if_exists=True, postgresql_concurrently=True)',
            transactional=False,
        ),
    ],
}
REQUIRES = {"alpha": [], "beta": ["alpha"], "gamma": []}
Picture = Mapping[str, tuple[TableSchema, list[str]]]
Schemas = Mapping[tuple[str, int], Mapping[str, TableSchema]]
Ask = Callable[[str], list[tuple[Any, ...]]]


def install(make: PluginMaker, name: str, count: int) -> None:
    """Put the version with so many revisions in the place of the one that is installed."""
    remove(make, name)
    make(name, revisions=LINES[name][:count], tables=[name], requires=REQUIRES[name])


def remove(make: PluginMaker, name: str) -> None:
    with suppress(FileNotFoundError):
        uninstall(make.site, name)
    rmtree(make.site / f"sr_{name}", ignore_errors=True)
    forget_modules(make.site)
    invalidate_caches()


def own(now: Picture, name: str) -> Mapping[str, TableSchema]:
    """The schemas of the tables that are called as the plugin's are."""
    return {each: schema for each, (schema, _) in now.items() if each == name or each.startswith(f"{name}_")}


def expected_schemas(url: str, make: PluginMaker) -> Schemas:
    """What each revision makes, seen in a database in which nothing else happens."""
    found: dict[tuple[str, int], Mapping[str, TableSchema]] = {}
    for name in NAMES:
        for count in range(1, len(LINES[name]) + 1):
            install(make, name, count)
            upgrade(url, *NAMES)
            found[name, count] = own(picture(url), name)
    return found


class Lives(RuleBasedStateMachine):
    """The model: which rows each plugin must have, and of which revision those tables are that belong to nobody."""

    new_database: Callable[[], str]
    make: PluginMaker
    schemas: Schemas

    @initialize(counts=st.tuples(*(st.integers(1, len(LINES[name])) for name in NAMES)))
    def begin(self, counts: tuple[int, ...]) -> None:
        self.url = self.new_database()
        self.rows: dict[str, set[int]] = {name: set() for name in NAMES}
        self.forgotten: dict[str, int] = {}
        self.number = 0
        for name, count in zip(NAMES, counts, strict=True):
            install(self.make, name, count)
        self.upgrade()
        for name in NAMES:
            self.write(name)

    def attempt(self, work: Callable[..., object], *arguments: str) -> bool:
        """Do something that may be refused, which then changes nothing."""
        before = picture(self.url)
        try:
            work(self.url, *arguments)
        except (MigrationError, PluginError):
            assert picture(self.url) == before
            return False
        return True

    def applied(self, name: str) -> int:
        head = heads(self.url).get(name)
        return 0 if head is None else int(head[-4:])

    @rule(name=st.sampled_from(NAMES), count=st.integers(1, 3), is_upgraded=st.booleans())
    def install_a_version(self, name: str, count: int, is_upgraded: bool) -> None:
        install(self.make, name, min(count, len(LINES[name])))
        if is_upgraded:
            self.upgrade()

    @rule(name=st.sampled_from(NAMES))
    def uninstall(self, name: str) -> None:
        remove(self.make, name)

    @rule()
    def upgrade(self) -> None:
        # A step outside a transaction stays where a later one is refused: what it has done is no loss.
        with suppress(MigrationError, PluginError):
            upgrade(self.url, *NAMES)

    @rule(name=st.sampled_from(NAMES))
    def write(self, name: str) -> None:
        if name in tables(self.url):
            self.number += 1
            execute(self.url, f"INSERT INTO {name} (id) VALUES ({self.number})")
            self.rows[name].add(self.number)

    @rule(name=st.sampled_from(NAMES))
    def forget(self, name: str) -> None:
        count = self.applied(name)
        assert self.attempt(forget, name) == bool(count)
        if count:
            self.forgotten[name] = count

    @rule(name=st.sampled_from(NAMES))
    def claim(self, name: str) -> None:
        if self.attempt(claim, name):
            assert self.applied(name) == self.forgotten.pop(name)

    @rule(name=st.sampled_from(NAMES))
    def purge(self, name: str) -> None:
        if self.attempt(purge, name):
            self.rows[name].clear()
            assert own(picture(self.url), name) == {}

    @rule(name=st.sampled_from(NAMES), kept=st.integers(0, 2))
    def downgrade(self, name: str, kept: int) -> None:
        count = self.applied(name)
        if self.attempt(downgrade, name, f"{name}_{kept:04}" if kept else "base"):
            assert self.applied(name) == kept <= count
            if not kept:
                self.rows[name].clear()

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        now = picture(self.url)
        with connected(self.url) as connection:

            def ask(statement: str) -> list[tuple[Any, ...]]:
                return [tuple(row) for row in connection.exec_driver_sql(statement)]

            self.no_row_is_lost(now, ask)
            self.the_ledger_equals_the_catalogue(now, ask)
            self.each_plugin_is_as_its_revision_made_it(now, ask)

    def no_row_is_lost(self, now: Picture, ask: Ask) -> None:
        for name in NAMES:
            there = {number for (number,) in ask(f"SELECT id FROM {name}")} if name in now else set()
            assert there == self.rows[name], name

    def the_ledger_equals_the_catalogue(self, now: Picture, ask: Ask) -> None:
        recorded = ask("SELECT kind, name FROM storeroom_objects")
        owned = {name for kind, name in recorded if kind == "table"}
        left = {table for name in self.forgotten for table in own(now, name)}
        assert owned | left == set(now)
        assert not owned & left
        indexes = {part.name for each in owned for part in now[each][0].parts if part.kind == "index"}
        assert {name for kind, name in recorded if kind == "index"} == indexes

    def each_plugin_is_as_its_revision_made_it(self, now: Picture, ask: Ask) -> None:
        recorded = ask("SELECT plugin, revision FROM storeroom_revisions ORDER BY plugin, position")
        last: dict[str, str] = dict(ask("SELECT name, head FROM storeroom_plugins"))
        for name in NAMES:
            revisions = [revision for plugin, revision in recorded if plugin == name]
            assert revisions == [f"{name}_{number:04}" for number in range(1, len(revisions) + 1)]
            assert last.get(name) == (revisions[-1] if revisions else None)
            assert not (revisions and name in self.forgotten)
            count = self.forgotten.get(name) or len(revisions)
            assert own(now, name) == (self.schemas[name, count] if count else {}), (name, count)

    def teardown(self) -> None:
        """Whatever happened: with all installed and claimed, an upgrade brings all to their heads, with their rows."""
        if not hasattr(self, "url"):
            return
        for name in NAMES:
            install(self.make, name, len(LINES[name]))
        for name in [each for each in NAMES if each in self.forgotten]:
            # What it requires may have been downgraded since, and is upgraded without it.
            upgrade(self.url, *(each for each in NAMES if each not in self.forgotten))
            claim(self.url, name)
            self.forgotten.pop(name)
        upgrade(self.url, *NAMES)
        assert {name: self.applied(name) for name in NAMES} == {name: len(LINES[name]) for name in NAMES}
        self.all_is_as_it_must_be()


@pytest.mark.dear
@pytest.mark.timeout(600)
def test_any_life(new_database: Callable[[], str], make_plugin: PluginMaker, request: pytest.FixtureRequest) -> None:
    Lives.new_database, Lives.make = staticmethod(new_database), make_plugin
    Lives.schemas = expected_schemas(new_database(), make_plugin)
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=20 if request.config.getoption("--full") else 8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,  # the same lives each time: whoever changes what they do sees what that changed
            phases=[Phase.generate],  # a failure's steps are few, and each costs too much to look for fewer
            suppress_health_check=list(HealthCheck),
        ),
    )
