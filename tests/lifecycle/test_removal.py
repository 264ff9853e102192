"""Purging and forgetting: what goes, what stays, and what stands against it."""

import pytest

from storeroom.errors import LedgerProtected, PluginAbsent, RevisionFailed, StillRequired
from storeroom.testing import requires
from tests.lifecycle.lives import downgrade, forget, holdings, purge
from tests.migrations.installations import execute, heads, installed, picture, query, tables, uninstall, upgrade
from tests.support.plugins import PluginMaker, Rev, create_table, table

LINK = 'sa.Column("{0}_id", sa.Integer(), sa.ForeignKey("{0}.id", ondelete="CASCADE"))'


def family(make_plugin: PluginMaker) -> None:
    """Alpha with two tables that refer to each other's, and an index; beta, which has nothing to do with it."""
    first = create_table("alpha")
    second = create_table("alpha_child", LINK.format("alpha"))
    index = 'op.create_index("ix_alpha_child", "alpha_child", ["alpha_id"], unique=True)'
    make_plugin("alpha", tables=["alpha", "alpha_child"], revisions=[f"{first}\n{second}\n{index}"])
    make_plugin("beta")


def fill(url: str) -> None:
    execute(url, "INSERT INTO alpha VALUES (1), (2)", "INSERT INTO alpha_child VALUES (1, 1)")
    execute(url, "INSERT INTO beta VALUES (1)")


@pytest.mark.parametrize("installed_still", [True, False])
def test_purge_drops_what_the_ledger_says(url: str, make_plugin: PluginMaker, installed_still: bool) -> None:
    family(make_plugin)
    upgrade(url, "beta")
    before = picture(url)
    upgrade(url, "alpha", "beta")
    fill(url)
    execute(url, "CREATE TABLE alpha_strange (id INTEGER PRIMARY KEY)", "INSERT INTO alpha_strange VALUES (1)")
    if not installed_still:
        uninstall(make_plugin.site, "alpha")
    assert purge(url, "alpha") == ["alpha_child", "alpha"]
    assert query(url, "SELECT id FROM alpha_strange") == [(1,)]
    assert query(url, "SELECT id FROM beta") == [(1,)]
    execute(url, "DROP TABLE alpha_strange", "DELETE FROM beta")
    assert picture(url) == before


def test_what_was_purged_comes_back_empty(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha", "beta")
    fill(url)
    purge(url, "alpha")
    assert upgrade(url, "alpha", "beta") == ["alpha_0001"]
    assert query(url, "SELECT count(*) FROM alpha") == [(0,)]


def test_tables_in_a_circle_go_together(url: str, make_plugin: PluginMaker) -> None:
    circle = """
    op.create_table("alpha", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("b", sa.Integer()))
    op.create_table("alpha_b", sa.Column("id", sa.Integer(), primary_key=True),
                    sa.Column("a", sa.Integer(), sa.ForeignKey("alpha.id")))
    with op.batch_alter_table("alpha") as batch:
        batch.create_foreign_key("fk", "alpha_b", ["b"], ["id"])
    """
    make_plugin("alpha", tables=["alpha", "alpha_b"], revisions=[circle])
    upgrade(url, "alpha")
    execute(url, "INSERT INTO alpha VALUES (1, NULL)", "INSERT INTO alpha_b VALUES (1, 1)", "UPDATE alpha SET b = 1")
    assert set(purge(url, "alpha")) == {"alpha", "alpha_b"}
    assert tables(url) == set()


def test_tables_that_are_gone_already_are_no_hindrance(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha")
    execute(url, "DROP TABLE alpha_child")
    assert holdings(url, "alpha").missing == ["alpha_child"]
    assert purge(url, "alpha") == ["alpha"]
    assert heads(url) == {}


def test_what_a_plugin_holds_is_shown(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha", "beta")
    fill(url)
    execute(url, "CREATE TABLE program (id INTEGER PRIMARY KEY, alpha_id INTEGER REFERENCES alpha (id))")
    found = holdings(url, "alpha")
    assert [(each.name, each.rows) for each in found.tables] == [("alpha_child", 1), ("alpha", 2)]
    assert all(each.size is None or each.size >= 4096 for each in found.tables)
    assert found.foreign_keys == [("program", "alpha")]
    assert (found.head, found.distribution, found.version, found.is_installed, found.required_by) == (
        "alpha_0001",
        "storeroom-alpha",
        "1.0",
        True,
        [],
    )
    assert (found.dump_command is None) == requires.database_file.met_by(url)
    uninstall(make_plugin.site, "alpha")
    assert not holdings(url, "alpha").is_installed


@pytest.mark.parametrize("gone", [(), ("beta",), ("alpha",), ("alpha", "beta")])
def test_it_is_refused_while_another_plugin_requires_it_installed_or_not(
    url: str, make_plugin: PluginMaker, gone: tuple[str, ...]
) -> None:
    make_plugin("alpha")
    make_plugin("beta", requires=["alpha"], revisions=[Rev(create_table("beta"), requires=["alpha:alpha_0001"])])
    make_plugin("gamma", requires=["alpha"])
    upgrade(url, "alpha", "beta", "gamma")
    for name in gone:
        uninstall(make_plugin.site, name)
    before = picture(url)
    with pytest.raises(StillRequired) as caught:
        purge(url, "alpha")
    assert "revision 'beta_0001' of plugin 'beta' requires 'alpha_0001'" in caught.value.required_by
    assert "the manifest of plugin 'gamma' requires it" in caught.value.required_by
    assert ("the manifest of plugin 'beta' requires it" in caught.value.required_by) == ("beta" not in gone)
    assert holdings(url, "alpha").required_by == list(caught.value.required_by)
    assert picture(url) == before
    for name in ("gamma", "beta"):
        purge(url, name)
        if name not in gone:
            uninstall(make_plugin.site, name)
    assert purge(url, "alpha") == ["alpha"]


def test_it_is_refused_while_a_programs_table_refers_to_it(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha")
    execute(url, "CREATE TABLE program (id INTEGER PRIMARY KEY, alpha_id INTEGER REFERENCES alpha (id))")
    before = picture(url)
    with pytest.raises(StillRequired, match="foreign keys from table 'program' to 'alpha'"):
        purge(url, "alpha")
    assert picture(url) == before


def test_it_is_refused_while_a_view_is_built_on_it(server_url: str, make_plugin: PluginMaker) -> None:
    """SQLite lets a view go on without its table."""
    make_plugin("alpha")
    upgrade(server_url, "alpha")
    execute(server_url, "CREATE VIEW seen AS SELECT id FROM alpha")
    before = picture(server_url)
    with pytest.raises(StillRequired, match="view seen depends on table alpha; drop first what is built on them"):
        purge(server_url, "alpha")
    assert picture(server_url) == before


def test_a_key_in_another_schema_stands_against_it_and_one_into_another_doesnt(
    server_url: str, make_plugin: PluginMaker
) -> None:
    make_plugin("alpha")
    make_plugin("beta")
    upgrade(server_url, "alpha", "beta")
    execute(
        server_url,
        "CREATE SCHEMA other",
        "CREATE TABLE other.beta (id int PRIMARY KEY)",
        "CREATE TABLE program (id int REFERENCES other.beta)",
        "CREATE TABLE other.program (id int REFERENCES public.alpha)",
    )
    assert holdings(server_url, "alpha").foreign_keys == [("other.program", "alpha")]
    with pytest.raises(StillRequired, match=r"foreign keys from table 'other\.program' to 'alpha'"):
        purge(server_url, "alpha")
    assert purge(server_url, "beta") == ["beta"]


def test_a_key_in_other_letters_stands_against_it(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(sqlite_url, "alpha")
    execute(sqlite_url, "CREATE TABLE program (id INTEGER PRIMARY KEY, a INTEGER REFERENCES ALPHA (id))")
    with pytest.raises(StillRequired, match="foreign keys from table 'program' to 'alpha'"):
        purge(sqlite_url, "alpha")


@pytest.mark.parametrize(
    "built",
    [
        "CREATE VIEW seen AS SELECT id FROM alpha",
        "CREATE TRIGGER seen AFTER INSERT ON beta BEGIN DELETE FROM alpha; END",
    ],
)
def test_what_sqlite_would_leave_broken_stands_against_it(
    sqlite_url: str, make_plugin: PluginMaker, built: str
) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    make_plugin("beta")
    upgrade(sqlite_url, "alpha", "beta")
    execute(sqlite_url, built)
    before = picture(sqlite_url)
    with pytest.raises(StillRequired, match=r"error in \w+ seen: no such table: main\.alpha; drop first what is built"):
        purge(sqlite_url, "alpha")
    with pytest.raises(RevisionFailed, match=r"error in \w+ seen: no such table: main\.alpha"):
        downgrade(sqlite_url, "alpha", "base")
    assert picture(sqlite_url) == before
    execute(sqlite_url, f"DROP {built.split()[1]} seen")
    assert purge(sqlite_url, "alpha") == ["alpha"]


def test_a_view_that_was_broken_before_is_no_hindrance(sqlite_url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    upgrade(sqlite_url, "alpha")
    execute(sqlite_url, "CREATE VIEW seen AS SELECT * FROM nowhere")
    assert purge(sqlite_url, "alpha") == ["alpha"]


def test_what_purging_leaves_is_told(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    execute(url, "CREATE VIEW alpha_seen AS SELECT 1 AS one", "CREATE VIEW seen AS SELECT 1 AS one")
    left = ["DROP VIEW alpha_seen"]
    if requires.database_file.met_by(url):
        execute(
            url,
            "CREATE TRIGGER alpha_gone AFTER INSERT ON alpha BEGIN SELECT 1; END",
            "CREATE TRIGGER alpha_stays AFTER INSERT ON beta BEGIN SELECT 1; END",
        )
        left = ["DROP TRIGGER alpha_stays", *left]
    else:
        execute(url, "CREATE SEQUENCE alpha_numbers", "CREATE DOMAIN alpha_text AS text")
        left = ["DROP DOMAIN alpha_text", "DROP SEQUENCE alpha_numbers", *left]
    assert holdings(url, "alpha").others == left
    purge(url, "alpha")
    execute(url, *left)


def test_partitions_are_their_tables(server_url: str, make_plugin: PluginMaker) -> None:
    body = """
op.execute("CREATE TABLE alpha (id int PRIMARY KEY)")
op.execute("CREATE TABLE alpha_log (id int, alpha_id int REFERENCES alpha) PARTITION BY RANGE (id)")
op.execute("CREATE TABLE alpha_log_1 PARTITION OF alpha_log FOR VALUES FROM (0) TO (1000)")
op.execute("INSERT INTO alpha VALUES (1)")
op.execute("INSERT INTO alpha_log SELECT n, 1 FROM generate_series(1, 900) AS n")
"""
    make_plugin("alpha", tables=["alpha"], revisions=[body])
    upgrade(server_url, "alpha")
    found = holdings(server_url, "alpha")
    assert found.foreign_keys == []
    assert {each.name: each.rows for each in found.tables} == {"alpha": 1, "alpha_log": 900}
    assert all(each.size for each in found.tables)
    assert "--table=alpha_log_1" in str(found.dump_command)
    assert set(purge(server_url, "alpha")) == {"alpha", "alpha_log"}


def test_what_only_a_manifest_requires_is_known_when_it_is_gone(url: str, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", revisions=[table("alpha")])
    make_plugin("beta", requires=["alpha"])
    upgrade(url, "alpha", "beta")
    uninstall(make_plugin.site, "beta")
    for work in (purge, lambda url, name: downgrade(url, name, "base")):
        with pytest.raises(StillRequired, match="'beta_0001' of"):
            work(url, "alpha")
    forget(url, "beta")
    assert purge(url, "alpha") == ["alpha"]


def test_names_with_quotes_are_dropped(url: str, make_plugin: PluginMaker) -> None:
    statement = 'CREATE TABLE "alpha_O\'Neill ""x""" (id INTEGER PRIMARY KEY)'
    make_plugin("alpha", tables=[], revisions=[f"op.execute({statement!r})"])
    upgrade(url, "alpha")
    assert holdings(url, "alpha").tables[0].rows == 0
    assert purge(url, "alpha") == ['alpha_O\'Neill "x"']
    assert tables(url) == set()


def test_forget_leaves_the_tables_to_nobody(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha", "beta")
    fill(url)
    assert forget(url, "alpha") == ["alpha_child", "alpha"]
    assert heads(url) == {"beta": "beta_0001"}
    assert query(url, "SELECT count(*) FROM storeroom_objects WHERE plugin = 'alpha'") == [(0,)]
    assert query(url, "SELECT id FROM alpha ORDER BY id") == [(1,), (2,)]
    with pytest.raises(PluginAbsent, match="holds no plugin 'alpha'"):
        forget(url, "alpha")


def test_what_was_adopted_is_remembered_past_forgetting_and_not_past_purging(
    url: str, make_plugin: PluginMaker
) -> None:
    make_plugin("alpha")
    make_plugin("beta")
    upgrade(url, "alpha", "beta")
    columns = "system, source_table, target_table, identity, source_key, target_key, plugin, adopted_at"
    for name in ("alpha", "beta"):
        values = f"'old', 'old', '{name}', 'abc', '1', '1', '{name}', '2026-01-01 00:00:00'"
        execute(url, f"INSERT INTO storeroom_adoptions ({columns}) VALUES ({values})")
    forget(url, "alpha")
    purge(url, "beta")
    assert query(url, "SELECT plugin FROM storeroom_adoptions") == [("alpha",)]


@pytest.mark.parametrize("work", [purge, forget, holdings])
def test_cores_own_tables_and_strangers_are_refused(url: str, make_plugin: PluginMaker, work: object) -> None:
    make_plugin("alpha")
    upgrade(url, "alpha")
    assert callable(work)
    with pytest.raises(LedgerProtected, match="purge the plugins and drop the database"):
        work(url, "storeroom")
    with pytest.raises(PluginAbsent, match="holds no plugin 'beta'; it holds: alpha"):
        work(url, "beta")


def test_an_orphan_is_no_hindrance_and_goes_on_where_it_was(url: str, make_plugin: PluginMaker) -> None:
    family(make_plugin)
    upgrade(url, "alpha", "beta")
    fill(url)
    uninstall(make_plugin.site, "alpha")
    with installed(url, "alpha", "beta") as installation:
        installation.check()
        states = {each.name: each.state for each in installation.status()}
        assert states["alpha"] == "orphaned"
        assert states["beta"] == "current"
        advice = next(each.detail for each in installation.status() if each.name == "alpha")
        assert "storeroom purge alpha" in advice
    index = 'op.create_index("ix_alpha_id", "alpha", ["id"])'
    package = make_plugin.site / "sr_alpha"
    first = (package / "migrations/versions/alpha_0001.py").read_text()
    family_again = table("alpha").body
    assert family_again in first
    make_plugin("alpha", tables=["alpha"], revisions=["pass", index], version="2.0")
    (package / "migrations/versions/alpha_0001.py").write_text(first)
    assert upgrade(url, "alpha", "beta") == ["alpha_0002"]
    assert query(url, "SELECT id FROM alpha ORDER BY id") == [(1,), (2,)]
